"""What holds for every test: how fast a busy machine is, is no law."""

from hypothesis import HealthCheck, settings

settings.register_profile("a busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("a busy machine")

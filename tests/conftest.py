"""What holds for every test: how fast a busy machine is, is no law.

`judged`: tests that measure time are judged only while the machine keeps time.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("a busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("a busy machine")

pytest_plugins = ["tests.judged", "pytester"]

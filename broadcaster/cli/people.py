"""`person`: accounts of the panel."""

from pathlib import Path

import click

from broadcaster.cli.base import opened, printed_table
from broadcaster.domain.people import Role

__all__ = ["person"]

_ROLES = [role.value for role in Role]


@click.group()
def person() -> None:
    """People who may sign in at the panel."""


@person.command()
@click.argument("login")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(_ROLES))
@click.option("--zone", help="The own zone of the village role.")
@click.option(
    "--alerts",
    metavar="Z[,Z…]",
    help="Zones they may alert, or all; approvers and administrators may anyway.",
)
@click.password_option()
@click.pass_obj
def add(
    folder: Path,
    login: str,
    name: str,
    roles: tuple[str, ...],
    zone: str | None,
    alerts: str | None,
    password: str,
) -> None:
    """Add a person who signs in with LOGIN, a phone number or a short name."""
    with opened(folder) as station:
        who = station.desk.local_admin()
        station.desk.add_person(
            who,
            login=login,
            name=name,
            password=password,
            roles={Role(role) for role in roles},
            zone=zone,
            alert_zones=_listed(alerts),
        )
    click.echo(f"{name} can sign in with {login}.")


@person.command()
@click.argument("login")
@click.option("--alerts", required=True, metavar="Z[,Z…]", help="Zones they may alert, all, or none.")
@click.pass_obj
def grant(folder: Path, login: str, alerts: str) -> None:
    """Say where LOGIN may raise and end alerts: in these zones, with all below them, and nowhere else."""
    with opened(folder) as station:
        zones = () if alerts.strip() == "none" else _listed(alerts)
        changed = station.desk.grant_alerts(station.desk.local_admin(), login, zones)
    where = ", ".join(changed.alert_zones)
    click.echo(f"{changed.name} may alert {where}." if where else f"{changed.name} may not raise alerts.")


@person.command()
@click.argument("login")
@click.password_option()
@click.pass_obj
def password(folder: Path, login: str, password: str) -> None:
    """Give LOGIN a new password."""
    with opened(folder) as station:
        station.desk.set_password(station.desk.local_admin(), login, password)
    click.echo("The password is changed.")


@person.command()
@click.argument("login")
@click.pass_obj
def disable(folder: Path, login: str) -> None:
    """Close the account of LOGIN; what they did stays on record."""
    with opened(folder) as station:
        closed = station.desk.disable_person(station.desk.local_admin(), login)
    click.echo(f"{closed.name} cannot sign in any more.")


@person.command()
@click.argument("login")
@click.pass_obj
def enable(folder: Path, login: str) -> None:
    """Open the account of LOGIN again."""
    with opened(folder) as station:
        again = station.desk.enable_person(station.desk.local_admin(), login)
    click.echo(f"{again.name} can sign in again.")


@person.command("list")
@click.pass_obj
def list_(folder: Path) -> None:
    """Show who may sign in."""
    with opened(folder) as station:
        people = station.store.people.all()
    rows = [
        [
            p.login,
            p.name,
            ", ".join(sorted(p.roles)),
            "all" if {Role.APPROVER, Role.ADMIN} & p.roles else ", ".join(p.alert_zones) or "-",
            "no" if p.disabled else "yes",
        ]
        for p in people
    ]
    printed_table(["login", "name", "roles", "may alert", "may sign in"], rows)


def _listed(zones: str | None) -> list[str]:
    return [zone.strip() for zone in (zones or "").split(",") if zone.strip()]

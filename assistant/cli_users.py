"""The commands for users who may log in.

A password is asked for, or read from standard input; it is never an argument, which other users of
the machine could read.
"""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import InputError
from assistant.front_door import front_door, settings_in_force
from assistant.terminal import print_json

if TYPE_CHECKING:
    from assistant.accounts import Accounts

users = typer.Typer(help="Who may log in.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="NAME")]
FromStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read the password from the first line of standard input."
    ),
]


@users.command()
def add(
    name: Name,
    admin: Annotated[
        bool, typer.Option("--admin", help="One who may change the library and see the figures.")
    ] = False,
    password_stdin: FromStdin = False,
) -> None:
    """Add a user; passwords have 8 to 72 bytes (a Korean syllable takes three)."""
    with front_door():
        from assistant.accounts import named

        named(name)  # before a password is asked for
        user = _accounts(create=True).add(name, _password(password_stdin), admin=admin)
        typer.echo(f"Added {user.name} ({user.role}).")


@users.command()
def remove(name: Name) -> None:
    """Remove a user with all conversations; feedback stays, without the name."""
    with front_door():
        _accounts().remove(name)
        typer.echo(f"Removed {name}.")


@users.command("list")
def list_users(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """List the users."""
    with front_door(as_json=as_json):
        from dataclasses import asdict

        found = _accounts().list()
        if as_json:
            print_json({"users": [asdict(user) for user in found]})
            return
        for user in found:
            off = "  disabled" if user.disabled else ""
            typer.echo(f"{user.name:20} {user.role:8} {user.created[:10]}{off}")
        if not found:
            typer.echo("There is no user. Add one with: citebrief users add NAME", err=True)


@users.command()
def password(name: Name, password_stdin: FromStdin = False) -> None:
    """Give a user another password, which ends every login."""
    with front_door():
        _accounts().set_password(name, _password(password_stdin))
        typer.echo(f"The password of {name} was changed.")


@users.command()
def disable(name: Name) -> None:
    """Keep a user from logging in; conversations stay."""
    with front_door():
        _accounts().disable(name)
        typer.echo(f"{name} can no longer log in.")


@users.command()
def enable(name: Name) -> None:
    """Let a disabled user log in again."""
    with front_door():
        _accounts().disable(name, disabled=False)
        typer.echo(f"{name} can log in again.")


def _accounts(*, create: bool = False) -> "Accounts":
    from assistant.accounts import Accounts
    from assistant.holdings import Holdings

    record = Holdings(settings_in_force()).record(create=create)
    if record is None:
        raise InputError(
            "There is no user yet, or CITEBRIEF_DATABASE is none. Add one with: citebrief users "
            "add NAME"
        )
    return Accounts(record)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        line = sys.stdin.buffer.readline().decode("utf-8", "replace")
        return line.rstrip("\r\n")
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return given

"""Who is signed in, what the role allows, and forms that no other site can send."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import Depends, Form, HTTPException, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

FORM_SECONDS = 12 * 3600


class Role(StrEnum):
    """What a person may do here."""

    STEWARD = "steward"
    ENGINEER = "engineer"
    VIEWER = "viewer"
    ADMIN = "admin"


# Roles of Airflow's auth managers by the role here; a role that is not listed is a viewer.
ROLES = {
    "admin": Role.ADMIN,
    "op": Role.ENGINEER,
    "engineer": Role.ENGINEER,
    "user": Role.STEWARD,
    "steward": Role.STEWARD,
}
RANK = (Role.ADMIN, Role.STEWARD, Role.ENGINEER, Role.VIEWER)


@dataclass(frozen=True)
class Person:
    """Who asks."""

    name: str
    role: Role

    @property
    def may_see(self) -> bool:
        """Whether personal values are shown."""
        return self.role in (Role.STEWARD, Role.ADMIN)

    @property
    def may_judge(self) -> bool:
        """Whether cases may be decided and files be split."""
        return self.role in (Role.STEWARD, Role.ADMIN)

    @property
    def may_see_runs(self) -> bool:
        """Whether single rejects and findings are shown."""
        return self.role is not Role.VIEWER


def role_of(user: object) -> Role:
    """The strongest role an Airflow user has here; works with one ``role`` (simple) or many ``roles`` (FAB)."""
    named = [getattr(user, "role", None), *(getattr(user, "roles", None) or [])]
    held = {ROLES.get(str(getattr(r, "name", r)).lower(), Role.VIEWER) for r in named if r}
    return next((r for r in RANK if r in held), Role.VIEWER)


def signed_in(user: GetUserDep) -> Person:
    """Who Airflow says is signed in; 401 for nobody."""
    return Person(user.get_name(), role_of(user))


Who = Annotated[Person, Depends(signed_in)]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get_mandatory_value("api", "secret_key"), salt="yidang-console-form")


def form_token(person: Person) -> str:
    """What a form of this person carries; only pages of this console can read it."""
    return _signer().dumps(person.name)


def own_form(request: Request, person: Who, form_token: Annotated[str, Form()] = "") -> Person:
    """The sender of a form that this console made for the very person; 403 for any other."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    try:
        named = _signer().loads(form_token, max_age=FORM_SECONDS)
    except BadSignature:
        named = None
    if named != person.name or site not in ("same-origin", "none"):
        raise HTTPException(403, "This form is too old or was not made by the console. Load the page again.")
    return person


def steward_form(person: Annotated[Person, Depends(own_form)]) -> Person:
    """The sender of a form, who must be a steward."""
    if not person.may_judge:
        raise HTTPException(403, "Only a steward may do this.")
    return person


Sender = Annotated[Person, Depends(own_form)]
Steward = Annotated[Person, Depends(steward_form)]

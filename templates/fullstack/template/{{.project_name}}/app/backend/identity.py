"""Who is signed in: the platform's gateway sets these headers and drops any that a client sends."""

from collections.abc import Mapping
from dataclasses import dataclass


class NotSignedIn(Exception):
    """The request did not come through the gateway."""


@dataclass(frozen=True)
class Person:
    email: str
    name: str


def person_of(headers: Mapping[str, str]) -> Person:
    email = headers.get("x-forwarded-email") or headers.get("x-forwarded-user") or ""
    if not email:
        raise NotSignedIn
    return Person(email=email, name=headers.get("x-forwarded-preferred-username") or email)

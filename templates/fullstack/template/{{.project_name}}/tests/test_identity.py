import pytest
from backend.identity import NotSignedIn, person_of


def test_headers_of_the_gateway_name_the_person():
    person = person_of({"x-forwarded-email": "ada@example.test", "x-forwarded-preferred-username": "Ada"})
    assert (person.email, person.name) == ("ada@example.test", "Ada")


def test_without_the_gateway_nobody_is_signed_in():
    with pytest.raises(NotSignedIn):
        person_of({"x-forwarded-preferred-username": "Ada"})

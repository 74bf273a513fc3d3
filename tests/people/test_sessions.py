"""A session taken, planted or kept: what it is worth to a thief."""

import pytest

from app.issues.links import token_for
from tests import factories

COOKIE = "qifang"


def thief_with(app, cookie: str):
    """Another browser with this cookie."""
    client = app.test_client()
    client.set_cookie(COOKIE, cookie)
    return client


def opens(client) -> set[bool]:
    """Whether the pages of a signed-in person open."""
    return {client.get(url).status_code == 200 for url in ("/me", "/issues/")}


def test_a_cookie_planted_beforehand_is_worth_nothing(app, sign_in):
    """Fixation: the thief sets the cookie before the sign-in; what is signed in is another session."""
    planted = sign_in("office").get_cookie(COOKIE).value  # a session of the thief's own
    victim = app.test_client()
    victim.set_cookie(COOKIE, planted)
    assert victim.post("/login", data={"username": "office", "password": factories.PASSWORD}).status_code == 303
    assert victim.get_cookie(COOKIE).value != planted
    assert opens(victim) == {True}
    assert opens(thief_with(app, planted)) == {False}, "what was planted has ended with the sign-in"


def test_a_stolen_cookie_dies_with_signing_out(app, sign_in):
    client = sign_in("handler")
    stolen = client.get_cookie(COOKIE).value
    assert opens(thief_with(app, stolen)) == {True}, "the theft works as long as the session does"
    assert client.post("/logout").status_code == 303
    thief = thief_with(app, stolen)
    assert opens(thief) == {False}
    assert thief.post("/issues/acceptances", data={"issue_id": ["1"]}).status_code in (302, 401)


def test_a_stolen_cookie_dies_with_the_password(app, sign_in):
    client = sign_in("officer")
    stolen = sign_in("officer").get_cookie(COOKIE).value
    sent = {"current": factories.PASSWORD, "new": "lamp-river-seven"}
    assert client.post("/me/password", data=sent).status_code == 303
    assert opens(thief_with(app, stolen)) == {False}
    assert opens(client) == {True}


def test_a_stolen_cookie_of_a_disabled_account(app, db, sign_in):
    user = factories.the_user(db, "handler")
    stolen = sign_in("handler").get_cookie(COOKIE).value
    sent = {"confirmation": factories.PASSWORD}
    assert sign_in("office").post(f"/office/accounts/{user.id}/disabling", data=sent).status_code == 303
    assert opens(thief_with(app, stolen)) == {False}
    assert sign_in("office").post(f"/office/accounts/{user.id}/enabling", data=sent).status_code == 303
    assert opens(thief_with(app, stolen)) == {False}, "an account enabled again does not bring old sessions back"


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_firms_link_is_no_session_and_a_session_no_link(app, settings, sign_in, signed_in):
    token = token_for(1, settings.secret_key)
    assert opens(thief_with(app, token)) == {False}
    cookie = sign_in("office").get_cookie(COOKIE).value
    client = sign_in("office") if signed_in else app.test_client()
    assert client.get(f"/c/{cookie}").status_code == 404

"""Signing in through the city's identity provider, against one that runs here."""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from app import create_app
from app.audit import store as audit
from app.audit.models import Search
from app.config import Settings
from app.db import execute
from app.people import identity_store
from tests import factories as make
from tests.people.identity_server import CLIENT_ID, CLIENT_SECRET, provider_on_this_machine


@pytest.fixture(scope="module")
def standing():
    """One provider for all of these tests: making its key takes a while."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with provider_on_this_machine() as provider:
        yield provider


@pytest.fixture
def provider(standing):
    """As it is to begin with."""
    standing.claims, standing.signing_key, standing.said_issuer = {"sub": "u-1001"}, None, ""
    standing.is_silent, standing.has_way_out = False, True
    standing.asked.clear()
    standing.codes.clear()
    return standing


@pytest.fixture
def settings(instance, provider, monkeypatch):
    """A city that signs in there."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Settings(
        instance=str(instance),
        secret_key="x",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
    )


@pytest.fixture
def officer(db):
    """Linked to the person that the provider knows as u-1001."""
    user = make.the_user(db, "officer")
    assert identity_store.update_identity(db, user.id, "u-1001")
    return user


def go(client, provider, next_url: str = "") -> str:
    """There, signed in there, and the address back."""
    sent = client.get(f"/login/identity?next={next_url}")
    assert sent.status_code == 302 and sent.location.startswith(f"{provider.issuer}/authorize?"), sent.text
    return provider.sign_in(sent.location)


def actions_of(db) -> list[tuple[str, str]]:
    return [(row["action"], row["detail"]) for row in audit.list_entries(db, Search())]


def test_it_signs_in_the_account_that_is_linked(client, page, db, provider, officer):
    assert "统一身份认证登录" in page.get("/login").read
    back = client.get(go(client, provider, "/visits/"))
    assert (back.status_code, back.location) == (303, "/visits/")
    assert officer.name in client.get("/me").text
    assert actions_of(db)[0] == ("sign_in", "identity provider")


def test_what_it_asks_for(client, provider, officer):
    go(client, provider)
    asked = provider.asked[0]
    assert (asked["response_type"], asked["scope"], asked["client_id"]) == ("code", "openid", CLIENT_ID)
    assert asked["code_challenge_method"] == "S256" and len(asked["nonce"]) >= 20 and len(asked["state"]) >= 20
    assert asked["redirect_uri"] == "http://localhost/login/identity/answer"


def test_nobody_is_made_and_nobody_is_matched_by_name(client, page, db, provider):
    make.the_user(db, "officer")
    provider.claims = {"sub": "officer", "preferred_username": "officer", "name": "测试officer"}
    before = len(actions_of(db))
    answer = page(client).get(go(client, provider), status=422)
    assert "没有绑定账号" in answer.read
    assert client.get("/me").status_code == 302
    assert actions_of(db)[0] == ("sign_in_refused", "identity provider") and len(actions_of(db)) == before + 1


def test_a_disabled_account_stays_out(client, db, provider, officer):
    execute(db, "UPDATE users SET is_active = 0 WHERE id = :id", {"id": officer.id})
    assert client.get(go(client, provider)).status_code == 422


@pytest.mark.parametrize("wrong", ["state", "code"])
def test_state_and_code_are_those_given_out(client, provider, officer, wrong):
    address = go(client, provider)
    name, _, value = next(part for part in address.split("?")[1].split("&") if part.startswith(wrong)).partition("=")
    assert client.get(address.replace(f"{name}={value}", f"{name}={'a' * len(value)}")).status_code == 422
    assert client.get("/me").status_code == 302


def test_another_browser_cannot_use_the_answer(app, client, provider, officer):
    address = go(client, provider)
    other = app.test_client()
    assert other.get(address).status_code == 422
    assert other.get("/me").status_code == 302


def test_an_answer_counts_once(client, provider, officer):
    address = go(client, provider)
    assert client.get(address).status_code == 303
    client.post("/logout")
    assert client.get(address).status_code == 422
    assert client.get("/me").status_code == 302


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
    ],
)
def test_a_token_for_another_time_place_or_purpose_is_refused(client, provider, officer, claims):
    provider.claims |= claims
    assert client.get(go(client, provider)).status_code == 503
    assert client.get("/me").status_code == 302


def test_a_token_signed_by_another_key_is_refused(client, provider, officer):
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert client.get(go(client, provider)).status_code == 503
    assert client.get("/me").status_code == 302


def test_the_person_presses_cancel(client, page, provider, officer):
    go(client, provider)
    answer = page(client).get("/login/identity/answer?error=access_denied&state=x", status=422)
    assert "请先用密码登录" in answer.read


def test_a_provider_that_is_silent_or_says_it_is_another(app, page, provider, settings):
    provider.is_silent = True
    assert "没有回应" in page.get("/login/identity", status=503).read
    provider.is_silent, provider.said_issuer = False, "https://elsewhere.example"
    assert "没有回应" in page.get("/login/identity", status=503).read
    assert page.get("/login").has("form[action=/login]")


def test_a_person_links_her_own_account(page, db, provider):
    user = make.the_user(db, "head")
    here = page("head")
    client = here.client
    assert client.get("/me/identity/linking").location == "/me/identity", "she has to say so first"
    assert "开始绑定" in here.get("/me/identity").read
    assert client.post("/me/identity").location == "/me/identity"
    there = client.get(here.get("/me/identity").link("前往统一身份认证"))
    assert client.get(provider.sign_in(there.location)).location == "/me/identity"
    assert identity_store.get_user_id_of(db, "u-1001") == user.id
    assert actions_of(db)[0][0] == "identity_linked"
    assert "已绑定" in here.get("/me/identity").read
    other = page.client
    assert other.get(go(other, provider)).status_code == 303
    assert other.get("/me").status_code == 200
    assert client.post("/me/identity/ending").status_code == 303
    assert other.get("/me").status_code == 302, "what was opened by it ends"
    assert client.get("/me").status_code == 200
    assert identity_store.get_user_id_of(db, "u-1001") is None


def test_an_identity_is_one_accounts(page, db, provider, officer):
    here = page("head")
    here.client.post("/me/identity")
    there = here.client.get("/me/identity/linking")
    assert "另一个账号" in here.get(provider.sign_in(there.location), status=409).read
    assert identity_store.get_user_id_of(db, "u-1001") == officer.id


def test_linking_asks_for_the_password_after_a_while(page, db, provider):
    here = page("head")
    execute(db, "UPDATE sessions SET confirmed_at = '2020-01-01T00:00:00Z'")
    assert "请输入您自己的登录密码" in here.post("/me/identity", {}, status=422).read
    assert here.client.get("/me/identity/linking").location == "/me/identity"


def test_a_session_opened_there_has_given_no_password(client, page, db, provider):
    office = make.the_user(db, "office")
    identity_store.update_identity(db, office.id, "u-1001")
    client.get(go(client, provider))
    other = make.make_user(db, "officer")
    assert "请输入您自己的登录密码" in page(client).post(f"/office/accounts/{other.id}/password", {}, status=422).read


def test_the_office_unlinks_for_another(page, db, provider, officer):
    here = page("office")
    assert "解除绑定" in here.get(f"/office/accounts/{officer.id}").read
    assert here.client.post(f"/office/accounts/{officer.id}/identity-ending").status_code == 303
    assert identity_store.get_user_id_of(db, "u-1001") is None
    assert page("head").client.post(f"/office/accounts/{officer.id}/identity-ending").status_code == 403


def test_another_claim_may_name_the_person(instance, provider, officer, db):
    provider.claims = {"sub": "u-9", "employee": "u-1001"}
    app = create_app(
        Settings(
            instance=str(instance), secret_key="x", oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET, oidc_claim="employee",
        )
    )  # fmt: skip
    client = app.test_client()
    assert client.get(go(client, provider)).status_code == 303


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"oidc_issuer": "http://id.example.cn"}, "https"),
        ({"oidc_issuer": "https://id.example.cn"}, "CLIENT_ID"),
    ],
)
def test_half_a_setting_is_refused_at_the_start(instance, more, says):
    with pytest.raises(RuntimeError, match=says):
        create_app(Settings(instance=str(instance), secret_key="x", **more))


class TestWhereItIsOff:
    """As it comes."""

    @pytest.fixture
    def settings(self, instance):
        return Settings(instance=str(instance), secret_key="x")

    def test_there_is_no_trace_of_it(self, page):
        assert "统一身份" not in page.get("/login").read
        assert "统一身份" not in page("head").get("/me").read
        for url in ("/login/identity", "/login/identity/answer"):
            assert page.client.get(url).status_code == 404
        assert page("head").client.get("/me/identity").status_code == 404


WAY_OUT = "/login/identity/ending"


def test_whoever_signed_in_there_is_shown_the_way_out_there(client, page, provider, officer):
    """A desk that many share: without it the next one to press the button would come in as the one before."""
    assert WAY_OUT not in client.get("/login").text
    client.get(go(client, provider))
    assert client.get(WAY_OUT).location == "/login", "not while she is at work: another site could send her"
    client.post("/logout")
    assert f'href="{WAY_OUT}"' in client.get("/login").text
    sent = client.get(WAY_OUT)
    assert sent.status_code == 303
    assert sent.location.startswith(f"{provider.issuer}/logout?")
    assert parse_qs(urlsplit(sent.location).query) == {
        "client_id": [CLIENT_ID],
        "post_logout_redirect_uri": ["http://localhost/login"],
    }
    assert WAY_OUT not in client.get("/login").text
    assert client.get(WAY_OUT).location == "/login"


def test_a_provider_without_a_way_out_says_so(client, provider, officer):
    provider.has_way_out = False
    client.get(go(client, provider))
    client.post("/logout")
    assert "没有提供退出地址" in client.get(WAY_OUT, follow_redirects=True).text


def test_whoever_signed_in_by_password_is_not_sent_there(client, officer):
    client.post("/login", data={"username": "officer", "password": make.PASSWORD})
    client.post("/logout")
    assert WAY_OUT not in client.get("/login").text
    assert client.get(WAY_OUT).location == "/login"

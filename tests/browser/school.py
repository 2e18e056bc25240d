"""A school's own provider of identities, as small as OpenID Connect allows: it runs in the test."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "the-app", "what the app and the school know"
PEOPLE = {
    "ada": {"name": "Ada <b>Lovelace</b>", "email": "ada@school.example", "email_verified": True},
    "eve": {"name": "Eve", "email": "eve@elsewhere.example", "email_verified": True},
}


@dataclass
class School:
    """The provider, and what it was asked."""

    address: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """What came with the request that each code was given for."""

    def configuration(self) -> dict[str, object]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "end_session_endpoint": f"{self.address}/leave",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def give_code(self, person: str, request: dict[str, str]) -> str:
        """Let somebody in: where the browser goes then."""
        code = secrets.token_urlsafe()
        self.asked[code] = {**request, "person": person}
        return f"{request['redirect_uri']}?{urlencode({'code': code, 'state': request['state']})}"

    def give_token(self, request: dict[str, str], authorization: str) -> dict[str, object]:
        """Tell the app who came with a code; raises KeyError or AssertionError for what is not right."""
        asked = self.asked.pop(request["code"])
        known = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        assert authorization in (f"Basic {known}", f"Basic {plain}")
        digest = hashlib.sha256(request["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        now = int(time.time())
        claims = {
            "iss": self.address,
            "sub": asked["person"],
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600,
            "nonce": asked["nonce"],
            **PEOPLE[asked["person"]],
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "id_token": token}


@contextmanager
def open_school() -> Iterator[School]:
    """A school that answers on a port of its own."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
            path, _, query = self.path.partition("?")
            asked = {name: values[0] for name, values in parse_qs(query).items()}
            match path:
                case "/.well-known/openid-configuration":
                    self.answer(json.dumps(school.configuration()), "application/json")
                case "/keys":
                    keys = {"keys": [school.key.as_dict(private=False, use="sig", alg="RS256")]}
                    self.answer(json.dumps(keys), "application/json")
                case "/authorize":
                    links = [
                        f'<p><a href="{school.give_code(person, asked)}">{person}</a></p>'
                        for person in PEOPLE
                    ]
                    self.answer(f"<title>School</title>{''.join(links)}".replace("&", "&amp;"), "text/html")
                case "/leave":
                    self.send_response(302)
                    self.send_header("Location", asked["post_logout_redirect_uri"])
                    self.end_headers()
                case _:
                    self.answer("", "text/plain")

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(
                json.dumps(school.give_token(asked, self.headers["Authorization"])), "application/json"
            )

        def answer(self, text: str, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        school = School(f"http://localhost:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield school
        server.shutdown()
        thread.join()


def secrets_toml(school: School) -> str:
    """What Streamlit is told of the school."""
    return f"""[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_urlsafe()}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{school.address}/.well-known/openid-configuration"
"""


def host_of(address: str) -> str:
    return urlsplit(address).netloc

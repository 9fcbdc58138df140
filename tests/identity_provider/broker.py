"""What a broker does between a portal that speaks plain OpenID Connect and a provider of the federation.

The portal authenticates by a secret and asks by parameters; the provider wants signed requests and assertions, and encrypts
userinfo. Nothing else is changed: pages, refusals, codes, tokens and signatures are the provider's own.
"""
import base64
import hmac
import time
import urllib.parse
import uuid

from django.conf import settings
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from spid_cie_oidc.entity.jwtse import create_jws, decrypt_jwe
from spid_cie_oidc.entity.models import FederationEntityConfiguration
from spid_cie_oidc.provider.models import IssuedToken
from spid_cie_oidc.provider.views.authz_request_view import AuthzRequestView
from spid_cie_oidc.provider.views.token_endpoint import TokenEndpoint
from spid_cie_oidc.provider.views.userinfo_endpoint import UserInfoEndpoint

PASSED_ON = ("client_id", "response_type", "code_challenge", "code_challenge_method", "nonce", "state", "redirect_uri", "prompt")
ATTRIBUTES = ("given_name", "family_name", "email", "https://attributes.eid.gov.it/fiscal_number")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

# By client identifier: how a test registered its portal.
registered = {}


def portal(client):
    return FederationEntityConfiguration.objects.get(sub=client)


def signed(client, audience, claims):
    now = int(time.time())
    frame = {"iss": client, "aud": audience, "iat": now, "exp": now + 180, "jti": str(uuid.uuid4())}
    return create_jws({**frame, **claims}, portal(client).jwks_core[0])


class Authorization(AuthzRequestView):
    def get(self, request):
        if "request" in request.GET:
            return super().get(request)
        asked = {name: request.GET.get(name, "") for name in PASSED_ON}
        known = registered.get(asked["client_id"])
        if known is None or asked["redirect_uri"] != known["redirect_uri"]:
            return HttpResponseBadRequest("unknown client or address")
        asked |= {
            # SPID has no other scope; attributes are asked for by name.
            "scope": ["openid"],
            "acr_values": [request.GET.get("acr_values", "")],
            "claims": {"userinfo": {name: {"essential": True} for name in ATTRIBUTES}},
        }
        query = {
            "client_id": asked["client_id"],
            "response_type": "code",
            "scope": "openid",
            "code_challenge": asked["code_challenge"],
            "code_challenge_method": "S256",
            "request": signed(asked["client_id"], [settings.PROVIDER], asked),
        }
        return HttpResponseRedirect(f"{request.path}?{urllib.parse.urlencode(query)}")


class Token(TokenEndpoint):
    def post(self, request):
        scheme, _, pair = request.headers.get("Authorization", "").partition(" ")
        client, _, secret = base64.b64decode(pair).decode().partition(":") if scheme == "Basic" else ("", "", "")
        client, secret = urllib.parse.unquote_plus(client), urllib.parse.unquote_plus(secret)
        known = registered.get(client)
        if known is None or not hmac.compare_digest(known["client_secret"], secret):
            return JsonResponse({"error": "invalid_client"}, status=401)
        request.POST = request.POST.copy()
        request.POST["client_id"] = client
        request.POST["client_assertion_type"] = ASSERTION
        request.POST["client_assertion"] = signed(client, [f"{settings.PROVIDER}/token"], {"sub": client})
        return super().post(request)


class UserInfo(UserInfoEndpoint):
    def get(self, request):
        answer = super().get(request)
        token = IssuedToken.objects.filter(access_token=request.headers.get("Authorization", "")[7:]).first()
        if answer.status_code != 200 or registered[token.session.client_id].get("userinfo") == "encrypted":
            return answer
        return HttpResponse(
            decrypt_jwe(answer.content.decode(), portal(token.session.client_id).jwks_core[1]),
            content_type="application/jwt",
        )

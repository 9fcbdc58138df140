"""The desk where a test registers its portal and its people; on this machine only, and no part of any protocol."""
import json
import uuid

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from spid_cie_oidc.accounts.models import User
from spid_cie_oidc.entity.models import TrustChain

import broker
from federation import found_portal


@csrf_exempt
def portals(request):
    """`{redirect_uri, client_secret, userinfo}`, where userinfo is `signed` or `encrypted`; gives the client's identifier."""
    asked = json.loads(request.body)
    client = found_portal(uuid.uuid4().hex, asked["redirect_uri"]).sub
    broker.registered[client] = asked
    return JsonResponse({"client_id": client})


@csrf_exempt
def excluded(request):
    """`{client_id}`: the federation no longer vouches for the portal."""
    TrustChain.objects.filter(sub=json.loads(request.body)["client_id"]).update(is_active=False)
    return JsonResponse({})


@csrf_exempt
def people(request):
    """`{password, attributes}`; gives the name to sign in with."""
    asked = json.loads(request.body)
    name = uuid.uuid4().hex
    person = User.objects.create_user(name, asked["attributes"].get("email", ""), asked["password"])
    person.attributes = asked["attributes"]
    person.save()
    return JsonResponse({"username": name})

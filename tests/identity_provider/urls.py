"""Addresses of the provider: the package's own, three of them behind the broker, and the desk of the tests."""
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from spid_cie_oidc.authority.urls import urlpatterns as authority
from spid_cie_oidc.entity.urls import urlpatterns as entity
from spid_cie_oidc.entity.views import entity_configuration
from spid_cie_oidc.provider.urls import urlpatterns as provider

import broker
import desk

urlpatterns = [
    path("oidc/op/authorization", broker.Authorization.as_view()),
    path("oidc/op/token", csrf_exempt(broker.Token.as_view())),
    path("oidc/op/userinfo", broker.UserInfo.as_view()),
    path("oidc/op/.well-known/openid-federation", entity_configuration),
    path("oidc/rp/<str:portal>/.well-known/openid-federation", lambda request, portal: entity_configuration(request)),
    path("desk/portals", desk.portals),
    path("desk/excluded", desk.excluded),
    path("desk/people", desk.people),
    *entity,
    *authority,
    *provider,
]

"""Who belongs to the federation: its anchor, the provider, and each portal that a test registers."""
from django.conf import settings
from spid_cie_oidc.authority.models import (
    FederationDescendant,
    FederationEntityAssignedProfile,
    FederationEntityProfile,
)
from spid_cie_oidc.entity.jwks import create_jwk, public_jwk_from_private_jwk
from spid_cie_oidc.entity.models import FederationEntityConfiguration

ORIGIN, PROVIDER = settings.ORIGIN, settings.PROVIDER
SIGNING = ["RS256", "RS512"]
WRAPPING = ["RSA-OAEP", "RSA-OAEP-256"]
ENCRYPTING = ["A128CBC-HS256", "A256CBC-HS512"]
CONTACT = {
    "organization_name": "Prova",
    "homepage_uri": ORIGIN,
    "policy_uri": f"{ORIGIN}/policy",
    "logo_uri": f"{ORIGIN}/logo.svg",
    "contacts": ["prova@pec.example"],
}


def key(use):
    return {**create_jwk(), "use": use}


def public(keys):
    return {"keys": [{**public_jwk_from_private_jwk(one), "use": one["use"]} for one in keys]}


def enrol(entity, kind):
    """Takes an entity into the federation; gives the mark that its configuration must show."""
    descendant = FederationDescendant.objects.create(
        sub=entity.sub, name=entity.sub[-33:], type=kind, jwks=entity.public_jwks, status="valid", is_active=True
    )
    assigned = FederationEntityAssignedProfile.objects.create(
        descendant=descendant,
        profile=FederationEntityProfile.objects.get(profile_category=kind),
        issuer=FederationEntityConfiguration.objects.get(sub=ORIGIN),
    )
    entity.trust_marks = [assigned.trust_mark]
    entity.save()


def found_anchor():
    FederationEntityConfiguration.objects.create(
        sub=ORIGIN,
        entity_type="federation_entity",
        jwks_fed=[key("sig")],
        is_active=True,
        constraints={"max_path_length": 1},
        trust_mark_issuers={settings.MARK_OF_PORTALS: [ORIGIN], settings.MARK_OF_PROVIDERS: [ORIGIN]},
        metadata={
            "federation_entity": {
                **CONTACT,
                "federation_resolve_endpoint": f"{ORIGIN}/resolve",
                "federation_fetch_endpoint": f"{ORIGIN}/fetch",
                "federation_list_endpoint": f"{ORIGIN}/list",
                "federation_trust_mark_status_endpoint": f"{ORIGIN}/trust_mark_status",
            }
        },
    )
    marks = {"openid_relying_party": settings.MARK_OF_PORTALS, "openid_provider": settings.MARK_OF_PROVIDERS}
    for kind, mark in marks.items():
        FederationEntityProfile.objects.create(
            name=kind,
            profile_category=kind,
            profile_id=mark,
            trust_mark_template={
                "id": mark,
                "ref": ORIGIN,
                "organization_type": "public",
                "organization_name": "Prova",
                "id_code": {"ipa_code": "prova"},
                "email": "prova@pec.example",
                "logo_uri": f"{ORIGIN}/logo.svg",
            },
        )


def found_provider():
    core = [key("sig"), key("enc")]
    endpoints = ("authorization", "token", "userinfo", "introspection", "revocation")
    signed = ("id_token_signing", "userinfo_signing", "request_object_signing", "token_endpoint_auth_signing")
    encrypted = ("id_token", "userinfo", "request_object")
    metadata = {
        "issuer": PROVIDER,
        "organization_name": "Gestore di prova",
        "jwks": public(core),
        "jwks_uri": f"{PROVIDER}/openid_provider/jwks.json",
        **{f"{name}_endpoint": f"{PROVIDER}/{name}" for name in endpoints},
        "client_registration_types_supported": ["automatic"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "subject_types_supported": ["pairwise"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "offline_access"],
        "acr_values_supported": [f"https://www.spid.gov.it/SpidL{level}" for level in (1, 2, 3)],
        "claims_supported": ["given_name", "family_name", "https://attributes.eid.gov.it/fiscal_number"],
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "authorization_response_iss_parameter_supported": True,
        "request_authentication_methods_supported": {"ar": ["request_object"]},
        **{f"{what}_alg_values_supported": SIGNING for what in signed},
        **{f"{what}_encryption_alg_values_supported": WRAPPING for what in encrypted},
        **{f"{what}_encryption_enc_values_supported": ENCRYPTING for what in encrypted},
    }
    provider = FederationEntityConfiguration(
        sub=PROVIDER,
        entity_type="openid_provider",
        jwks_fed=[key("sig")],
        jwks_core=core,
        is_active=True,
        authority_hints=[ORIGIN],
        metadata={
            "federation_entity": {**CONTACT, "federation_resolve_endpoint": f"{PROVIDER}/resolve"},
            "openid_provider": metadata,
        },
    )
    provider.full_clean()
    provider.save()
    enrol(provider, "openid_provider")


def found_portal(number, returns_to):
    """A portal in the federation, with keys of its own; people come back to it at one address."""
    name = f"{ORIGIN}/oidc/rp/{number}"
    core = [key("sig"), key("enc")]
    metadata = {
        "client_id": name,
        "client_name": "Portale di prova",
        "organization_name": "Portale di prova",
        "application_type": "web",
        "client_registration_types": ["automatic"],
        "redirect_uris": [returns_to],
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
        "subject_type": "pairwise",
        "jwks": public(core),
        "id_token_signed_response_alg": "RS256",
        "userinfo_signed_response_alg": "RS256",
        "userinfo_encrypted_response_alg": "RSA-OAEP",
        "userinfo_encrypted_response_enc": "A256CBC-HS512",
        "token_endpoint_auth_method": "private_key_jwt",
    }
    portal = FederationEntityConfiguration(
        sub=name,
        entity_type="openid_relying_party",
        jwks_fed=[key("sig")],
        jwks_core=core,
        is_active=True,
        authority_hints=[ORIGIN],
        metadata={
            "federation_entity": {**CONTACT, "federation_resolve_endpoint": f"{name}/resolve"},
            "openid_relying_party": metadata,
        },
    )
    portal.full_clean()
    portal.save()
    enrol(portal, "openid_relying_party")
    return portal

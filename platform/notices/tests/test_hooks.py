"""Webhooks of mail providers: forged, old, replayed and foreign first; then what each provider says."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.test import Client
from django.utils import timezone

from notices import engine
from notices.hooks import signatures
from notices.models import MessageEvent, Reminder, Suppression, Wanted
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SECRET = "a secret of this test"
TOPIC = "arn:aws:sns:us-east-1:123456789012:mail"
Post = Callable[..., Any]


@pytest.fixture
def reminder(world: World) -> Reminder:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        day = timezone.localdate() - timedelta(days=2)
        Reminder.schedule([Wanted(world.manager, ITEM, "tenancy.site", site.pk, "0", day, "You own it.")])
    engine.send_due(world.host.pk)
    with scope(world.host.pk):
        found: Reminder = Reminder.objects.get()
        return found


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.MAIL_HOOKS = {"generic": SECRET, "mailgun": SECRET, "postmark": f"us:{SECRET}", "ses": TOPIC}


def post(provider: str, body: bytes, **headers: str) -> Any:
    given = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return Client(enforce_csrf_checks=True).post(f"/hooks/mail/{provider}", body, "application/json", **given)


def ours(body: bytes, *, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    stamp = str(int(timezone.now().timestamp()) - age)
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"causeway_signature": f"t={stamp},v1={signature}"}


def bounced(reminder: Reminder, **changes: Any) -> bytes:
    event = {
        "message_id": reminder.message_id, "recipient": "implementation.manager@host.example", "event": "bounced",
        "words": "550 5.1.1 gone", "provider_id": "p-1", **changes,
    }  # fmt: skip
    return json.dumps({"events": [event]}).encode()


def suppressions(world: World) -> list[tuple[str, str]]:
    found = []
    for organization in (world.host, world.elsewhere):
        with scope(organization.pk):
            found += [(one.cause, one.words) for one in Suppression.objects.all()]
    return found


@pytest.mark.parametrize("flaw", ["none", "another secret", "old", "of the future", "another body", "no stamp"])
def test_a_forged_or_old_report_is_refused(world: World, reminder: Reminder, flaw: str) -> None:
    body = bounced(reminder)
    headers = {
        "none": {},
        "another secret": ours(body, secret="guess"),
        "old": ours(body, age=3600),
        "of the future": ours(body, age=-3600),
        "another body": ours(body + b" "),
        "no stamp": {"causeway_signature": "v1=" + "0" * 64},
    }[flaw]
    assert post("generic", body, **headers).status_code == 403
    assert suppressions(world) == []


def test_a_signed_report_counts_and_counts_once(world: World, reminder: Reminder) -> None:
    body = bounced(reminder)
    signed = ours(body)
    assert post("generic", body, **signed).content == b"1 noted"
    assert post("generic", body, **signed).content == b"0 noted"
    assert suppressions(world) == [("bounced", "550 5.1.1 gone")]
    with scope(world.host.pk):
        event = MessageEvent.objects.exclude(source="smtp").get()
        assert (event.source, event.provider_id) == ("webhook", "p-1")


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "owner@elsewhere.example"},
        {"message_id": "<" + "1" * 32 + ".0." + "2" * 32 + "@causeway.example>"},
        {"message_id": "<abc@other.example>"},
        {"message_id": None},
        {"event": "deleted"},
    ],
)
def test_a_report_that_fits_no_message_of_ours_changes_nothing(
    world: World, reminder: Reminder, change: dict[str, Any]
) -> None:
    body = bounced(reminder, **change)
    assert post("generic", body, **ours(body)).content == b"0 noted"
    assert suppressions(world) == []


def test_a_message_id_moved_to_another_organization_changes_nothing(world: World, reminder: Reminder) -> None:
    moved = reminder.message_id.replace(world.host.pk.hex, world.elsewhere.pk.hex)
    assert moved != reminder.message_id
    body = bounced(reminder, message_id=moved)
    assert post("generic", body, **ours(body)).content == b"0 noted"
    assert suppressions(world) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"\xff\xfe", b'{"events": 7}', b"[" * 100_000])
def test_nonsense_is_told_so_and_breaks_nothing(world: World, reminder: Reminder, body: bytes) -> None:
    for provider in ("generic", "mailgun", "ses"):
        assert post(provider, body, **ours(body)).status_code in (200, 400, 403)
    assert suppressions(world) == []


def test_huge_bodies_unknown_providers_and_other_methods_are_refused(world: World) -> None:
    assert post("generic", b"x" * (1024 * 1024 + 1)).status_code == 413
    for provider in ("sendgrid", "unheard-of"):
        assert post(provider, b"{}").status_code == 404
    assert Client().get("/hooks/mail/generic").status_code == 405


def test_mailgun(world: World, reminder: Reminder) -> None:
    stamp, token = str(int(timezone.now().timestamp())), "t" * 50
    signature = hmac.new(SECRET.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    event = {
        "event": "failed", "severity": "permanent", "id": "G9Bn5sl1TC6nu79C8C0bwg", "recipient": world.manager.email,
        "message": {"headers": {"message-id": reminder.message_id.strip("<>")}},
        "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
    }  # fmt: skip

    def body(signed: str) -> bytes:
        proof = {"timestamp": stamp, "token": token, "signature": signed}
        return json.dumps({"signature": proof, "event-data": event}).encode()

    assert post("mailgun", body("0" * 64)).status_code == 403
    assert post("mailgun", body(signature)).content == b"1 noted"
    assert suppressions(world) == [("bounced", "550 5.1.1 no such user")]


def test_postmark(world: World, reminder: Reminder, settings: Any) -> None:
    event = {
        "RecordType": "SpamComplaint", "Type": "SpamComplaint", "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Email": world.manager.email, "Details": "Marked as spam",
        "Metadata": {"message-id": reminder.message_id[1:].partition("@")[0]},
    }  # fmt: skip
    body = json.dumps(event).encode()
    assert post("postmark", body).status_code == 403
    wrong, right = (base64.b64encode(text.encode()).decode() for text in ("us:guess", f"us:{SECRET}"))
    assert post("postmark", body, authorization=f"Basic {wrong}").status_code == 403
    assert post("postmark", body, authorization=f"Basic {right}").content == b"1 noted"
    assert suppressions(world) == [("complained", "Marked as spam")]


def test_sendgrid(world: World, reminder: Reminder, settings: Any) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    settings.MAIL_HOOKS = {"sendgrid": base64.b64encode(public).decode()}
    event = {
        "event": "bounce", "email": world.manager.email, "smtp-id": reminder.message_id, "status": "5.1.1",
        "reason": "550 no such user", "sg_message_id": "14c5d75ce93.dfd.64b469",
    }  # fmt: skip
    body, stamp = json.dumps([event, {"event": "open"}]).encode(), str(int(timezone.now().timestamp()))

    def signed(text: bytes) -> dict[str, str]:
        proof = base64.b64encode(key.sign(text, ec.ECDSA(hashes.SHA256()))).decode()
        names = ("X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE", "X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP")
        return dict(zip(names, (proof, stamp), strict=True))

    assert post("sendgrid", body, **signed(b"0" + body)).status_code == 403
    assert post("sendgrid", body, **signed(stamp.encode() + body)).content == b"1 noted"
    assert suppressions(world) == [("bounced", "5.1.1 550 no such user")]


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> rsa.RSAPrivateKey:
    """Amazon's key, its certificate at the address where SNS keeps it."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    day = timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(timezone.now() - day)
        .not_valid_after(timezone.now() + day)
        .sign(key, hashes.SHA256())
    )
    signatures.certificate_key.cache_clear()
    monkeypatch.setattr(signatures, "fetch", lambda address: certificate.public_bytes(serialization.Encoding.PEM))
    return key


def sns(key: rsa.RSAPrivateKey, message: dict[str, Any], **changes: str) -> bytes:
    said = {
        "Type": "Notification", "MessageId": "m-1", "TopicArn": TOPIC, "Message": json.dumps(message),
        "Timestamp": "2026-11-24T12:00:00Z", "SignatureVersion": "2",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
    }  # fmt: skip
    text = "".join(f"{name}\n{said[name]}\n" for name in ("Message", "MessageId", "Timestamp", "TopicArn", "Type"))
    said["Signature"] = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return json.dumps({**said, **changes}).encode()


def test_amazon_ses(world: World, reminder: Reminder, amazon: rsa.RSAPrivateKey) -> None:
    told = {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": "Permanent", "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": world.manager.email, "diagnosticCode": "smtp; 550 5.1.1 gone"}],
        },
        "mail": {"messageId": "0100018f", "headers": [{"name": "Message-ID", "value": reminder.message_id}]},
    }  # fmt: skip
    other = rsa.generate_private_key(65537, 2048)
    for forged in (
        sns(other, told),
        sns(amazon, told, Message=json.dumps({**told, "notificationType": "Complaint"})),
        sns(amazon, told, TopicArn=TOPIC + "-other"),
        sns(amazon, told, SignatureVersion="1"),
        sns(amazon, told, SigningCertURL="https://sns.us-east-1.amazonaws.com.evil.example/x.pem"),
        sns(amazon, told, SigningCertURL="https://evil.example/sns.us-east-1.amazonaws.com.pem"),
        sns(amazon, told, SigningCertURL="http://sns.us-east-1.amazonaws.com/x.pem"),
        sns(amazon, told, SigningCertURL="https://sns.us-east-1.amazonaws.com@evil.example/x.pem"),
    ):
        assert post("ses", forged).status_code == 403
    assert suppressions(world) == []
    assert post("ses", sns(amazon, told)).content == b"1 noted"
    assert post("ses", sns(amazon, told)).content == b"0 noted"
    assert suppressions(world) == [("bounced", "smtp; 550 5.1.1 gone")]
    with scope(world.host.pk):
        assert MessageEvent.objects.exclude(source="smtp").get().provider_id == "0100018f"


def test_nothing_but_amazons_own_host_is_ever_fetched() -> None:
    for address in ("https://evil.example/x.pem", "http://sns.us-east-1.amazonaws.com/x.pem", "file:///etc/passwd"):
        with pytest.raises(signatures.Forged):
            signatures.fetch(address)

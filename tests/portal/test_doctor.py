"""manage.py doctor: each thing that is wrong is told with what to do."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal import clock, doctor, installation_key, tenancy
from portal.doctor import State
from portal.embedded.mailsink import MailSink
from portal.models import Heartbeat, OutgoingEmail, Pause

pytestmark = pytest.mark.django_db


def test_what_fails_is_told_with_its_remedy(settings, tmp_path):
    """No worker, no mail server, no disk: three failures, and the command ends with an error."""
    settings.CONFIG = settings.CONFIG | {"PORTAL_EMAIL_URL": "smtp://127.0.0.1:1"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    findings = {finding.what: finding for finding in doctor.examine()}
    assert {what for what, finding in findings.items() if finding.state is State.FAIL} == {"Worker", "Mail server"}
    assert all(finding.remedy for finding in findings.values() if finding.state is not State.OK)
    out = StringIO()
    with pytest.raises(CommandError, match="2 of the things above"):
        call_command("doctor", stdout=out)
    assert "cron" in out.getvalue()


def test_a_well_installation(settings, tmp_path):
    """With a fresh heartbeat and a mail server nothing fails; a pause of mail is a warning, never silence."""
    Heartbeat.objects.create(name="sweep", at=clock.now())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with MailSink(tmp_path / "mail") as sink:
        settings.CONFIG = settings.CONFIG | {"PORTAL_EMAIL_URL": sink.url}
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        assert not [finding for finding in doctor.examine() if finding.state is State.FAIL]
        Pause.objects.create(name=Pause.MAIL, since=clock.now(), reason="mail server moves")
        assert doctor.mail_queue() == doctor.Finding(
            "Mail", State.WARN, "paused: mail server moves.", "When ready: `manage.py mail resume`."
        )


def test_a_mail_that_lies_given_up():
    """For two days, and nothing else waits."""
    with tenancy.installation():
        OutgoingEmail.objects.queue("account", to="amira@example.org", key="k", now=clock.now() - timedelta(days=2))
        OutgoingEmail.objects.update(status="dead")
    found = doctor.mail_queue()
    assert (found.state, "2880 minutes" in found.words) == (State.FAIL, True)


def test_an_old_heartbeat_and_a_damaged_key(settings, tmp_path, monkeypatch):
    """A worker that stopped an hour ago, a key file that is none, a certificate near its end."""
    Heartbeat.objects.create(name="sweep", at=clock.now() - timedelta(hours=1))
    assert doctor.worker().state is State.FAIL
    monkeypatch.setattr(installation_key, "certificate_pem", installation_key.certificate_pem.__wrapped__)
    settings.SEAL_PKCS12 = str(tmp_path / "seal.p12")
    (tmp_path / "seal.p12").write_bytes(b"no key")
    found = {finding.what: finding for finding in doctor.examine()}["Seal key"]
    assert (found.state, "does not open" in found.words) == (State.FAIL, True)

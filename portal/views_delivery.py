"""The operators' page "Health of reminders" of a framework, and trying again."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal import clock, delivery, doorbell
from portal.models import Job, OutgoingEmail
from portal.models.reminder import RUN
from portal.permissions import Perm
from portal.templatetags.dates import longdate, longdatetime
from portal.tenancy import scoped
from portal.views_people import crumbs


@scoped(Perm.CONFIGURE)
@require_safe
def health(request) -> HttpResponse:
    """Last sweep, mails that wait, failed or came back, work that failed, who is passed over, what comes next."""
    framework, now = request.framework, clock.now()
    counts, swept = delivery.mail_counts(framework), delivery.last_sweep()
    context = {
        "warnings": warnings(counts, now=now, swept=swept),
        "summary": summary(counts, swept),
        "mails": [mail_row(mail) for mail in delivery.not_arrived(framework)],
        "jobs": [job_row(job) for job in delivery.failed_jobs(framework)],
        "skipped_headers": [_("Name"), _("Organisation"), _("Why"), _("Since")],
        "skipped": [
            [row.user.full_name, str(row.organisation or framework), row.get_reason_display(), longdate(row.since)]
            for row in delivery.passed_over(framework)
        ],
        "coming_headers": [_("When"), _("What"), _("Step"), _("People")],
        "coming": [
            [
                longdatetime(row.at),
                {"value": row.line.what, "link": row.line.href},
                row.step,
                str(row.people),
            ]
            for row in delivery.coming(framework, request.user, now=now)
        ],
        "breadcrumbs": crumbs(request, _("Health of reminders")),
    }
    return TemplateResponse(request, "portal/delivery.html", context)


@scoped(Perm.CONFIGURE)
@require_POST
def retry_mail(request, pk: int) -> HttpResponse:
    """Send one again that was given up or came back."""
    mail = OutgoingEmail.objects.filter(framework=request.framework, pk=pk).select_related("framework").first()
    if mail is None:
        raise Http404
    delivery.retry_mail(mail, by=request.user, now=clock.now())
    doorbell.ring()
    messages.success(request, _("The message is tried again."))
    return redirect("delivery", request.framework.slug)


@scoped(Perm.CONFIGURE)
@require_POST
def retry_job(request, pk: int) -> HttpResponse:
    """Do planned work again that was given up."""
    job = Job.objects.filter(framework=request.framework, pk=pk).select_related("framework").first()
    if job is None:
        raise Http404
    delivery.retry_job(job, by=request.user, now=clock.now())
    doorbell.ring()
    messages.success(request, _("The work is tried again."))
    return redirect("delivery", request.framework.slug)


def warnings(counts, *, now, swept) -> list[str]:
    """What is wrong, by the ages at which /readyz turns red."""
    found, oldest, unsent = [], counts["oldest"], counts["unsent"]
    if swept is None or (now - swept).total_seconds() > settings.READY["PORTAL_OLDEST_HEARTBEAT"]:
        found.append(_("The last sweep was too long ago: nothing is sent. Tell the operator of this installation."))
    if oldest and (now - oldest).total_seconds() > settings.READY["PORTAL_OLDEST_MAIL"]:
        found.append(_("A message waits since %(at)s: too long.") % {"at": longdatetime(oldest)})
    if unsent and (now - unsent).total_seconds() > settings.READY["PORTAL_OLDEST_UNSENT_MAIL"]:
        words = _("A message of %(at)s is still not sent, however often it was tried: is the mail server away?")
        found.append(words % {"at": longdatetime(unsent)})
    if pause := delivery.paused():
        facts = {"at": longdatetime(pause.since), "reason": pause.reason}
        found.append(_("The operator paused all mail at %(at)s: %(reason)s") % facts)
    return found


def summary(counts, swept) -> list[dict]:
    """Figures of the mails."""
    return [
        {"key": _("Last sweep"), "value": longdatetime(swept) if swept else _("Never")},
        {"key": _("Messages that wait"), "value": str(counts["waiting"])},
        {"key": _("Of those, failed once or more"), "value": str(counts["failed"])},
        {"key": _("Given up"), "value": str(counts["dead"])},
        {"key": _("Came back"), "value": str(counts["bounced"])},
    ]


def mail_row(mail) -> dict:
    """A message that did not arrive. What it is about is not said: it may be closed to the reader."""
    what = _("Reminder") if mail.kind == "portal.reminder" else _("Message")
    return {
        "label": f"{what}, {mail.user.full_name if mail.user else mail.address}",
        "rows": [
            {"key": _("What"), "value": what},
            {"key": _("To"), "value": mail.user.full_name if mail.user else mail.address},
            {"key": _("State"), "value": _("Given up") if mail.status == mail.Status.DEAD else _("Came back")},
            {"key": _("Queued"), "value": longdatetime(mail.queued_at)},
            {"key": _("What the mail server said"), "value": mail.last_error, "empty": _("Nothing")},
        ],
        "href": reverse("delivery-retry-mail", args=[mail.framework.slug, mail.pk]),
    }


def job_row(job) -> dict:
    """Planned work that failed. What it is about is not said, for the same reason."""
    times = ngettext("%(count)d time", "%(count)d times", job.attempts) % {"count": job.attempts}
    state = _("Given up") if job.given_up_at else _("Tried again at %(at)s") % {"at": longdatetime(job.run_at)}
    what = _("Reminders") if job.kind == RUN else _("Planned work")
    return {
        "label": f"{what}, {longdatetime(job.due_at)}",
        "rows": [
            {"key": _("What"), "value": what},
            {"key": _("Due"), "value": longdatetime(job.due_at)},
            {"key": _("Tried"), "value": times},
            {"key": _("State"), "value": state},
            {"key": _("Kind of error"), "value": job.last_error.partition(":")[0]},
        ],
        "href": reverse("delivery-retry-job", args=[job.framework.slug, job.pk]) if job.given_up_at else "",
    }

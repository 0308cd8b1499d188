"""When a further sealed edition is due (evidence.md). Knows rows of jobs only, so that Party can call it."""

from portal.models.job import Job

SEAL, SEAL_PUBLIC = "protocols.seal", "protocols.seal_public"
BINDING = {"completed", "in-force"}


def plan_next_edition(version, *, now):
    """After an accession, withdrawal, exclusion or succession: the next edition of the parties' copy, and of the public
    copy if there is one. Nothing while signatures are still collected: edition 1 is made at completion, and nothing for
    a version that has ended. Call under the version's lock, in the act's transaction.
    """
    if version.status not in BINDING:
        return
    for kind, word in ((SEAL, "seal"), (SEAL_PUBLIC, "public")):
        planned = Job.objects.filter(framework=version.framework_id, kind=kind, subject_id=version.pk).count()
        if planned:
            key = f"{word}:{version.pk}:{planned + 1}"
            Job.objects.plan(kind, framework=version.framework, subject_id=version.pk, run_at=now, key=key)


def number_of(job) -> int:
    """The number of the edition that a job makes: "seal:12:3" is the third, "public:12" the first."""
    parts = job.key.split(":")
    return int(parts[2]) if len(parts) > 2 else 1

"""Kills while many representatives sign one version over HTTP; every signature that was acknowledged must be there."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

from portal.embedded.mailsink import read_all
from tests.crash.signer import Journal, Signer
from tests.crash.target import WHILE_SERVING, Broken, Target, choose

PARTIES_PER_KILL = 3
AT_ONCE = 6
SEALING_LASTS = 3.0  # seconds after completion in which one more kill falls
FINISHED_WITHIN = 480.0  # the lease of a mail that died with its worker is five minutes
CONFIRMATION = "signatories.signed"


class Campaign:
    """One server, one version, its signers and what they were told."""

    def __init__(self, target: Target, parties: int, dice: random.Random, say: Callable[[str], None]) -> None:
        self.target, self.dice, self.say = target, dice, say
        target.launch()
        crowd = json.loads(target.run_module("tests.crash.crowd", str(parties)))
        self.journal = Journal(target.folder / "journal")
        self.version = (crowd["framework"], crowd["reference"])
        base = f"http://localhost:{target.port}"
        url = f"/{crowd['framework']}/protocols/{crowd['reference']}/{crowd['number']}/sign/"
        self.signers = [Signer(facts, base, f"{url}{facts['party']}/", self.journal) for facts in crowd["signers"]]
        self.references: dict[int, str] = {}
        self.lasted = 2.0  # seconds that a round of this size took, as far as is known
        self.hit_in_flight = 0

    @property
    def unsigned(self) -> list[Signer]:
        """Those without an acknowledgement."""
        return [signer for signer in self.signers if not signer.signed]

    def round(self, signers: list[Signer], kind: str) -> str:
        """Let these sign at once; kill at a random moment meanwhile. Returns what was killed."""
        opened_before = self.dice.random() < 0.6
        if opened_before:  # so that the moment falls into the signing itself, not into the sign-in
            together(signers, only_open=True)
        crowd = [threading.Thread(target=signer.attempt) for signer in signers]
        began = time.monotonic()
        for thread in crowd:
            thread.start()
        moment = self.dice.uniform(0.0, self.lasted if opened_before else self.lasted * 2)
        while time.monotonic() - began < moment and any(thread.is_alive() for thread in crowd):
            time.sleep(0.005)
        in_flight = sum(thread.is_alive() for thread in crowd)
        killed = self.target.hit(kind)
        self.hit_in_flight += bool(in_flight)
        for thread in crowd:
            thread.join()
        if not in_flight and opened_before:
            self.lasted = max(0.3, time.monotonic() - began)
        self.say(f"     {killed} killed after {moment:.2f} s, {in_flight} of {len(signers)} requests in flight")
        return killed

    def facts(self) -> dict:
        """What the database says. Raises Broken for whatever must never be."""
        found = json.loads(self.target.run_module("tests.crash.facts", "signing", *self.version))
        told = found["told"]
        complaints = [*faults(found, self.journal.parties), *self.other_references(told)]
        complaints += [failure for signer in self.signers for failure in signer.failures]
        if complaints:
            raise Broken("; ".join(complaints))
        return told

    def other_references(self, told: dict) -> list[str]:
        """References that are not what was seen before, by us or by the signer."""
        found = {party: reference for party, reference, _position in told["signatures"]}
        seen = self.references | {signer.party: signer.reference for signer in self.signers if signer.reference}
        self.references = found
        return [f"party {p}: {found.get(p)} is not {r}" for p, r in seen.items() if found.get(p) != r]

    def sign_rest(self) -> dict:
        """Everybody who has not signed yet signs now. Returns the facts then."""
        deadline = time.monotonic() + FINISHED_WITHIN
        while waiting := [signer for signer in self.signers if not signer.reference]:
            together(waiting[:AT_ONCE])
            if any(not signer.reference for signer in waiting[:AT_ONCE]):
                time.sleep(5)
            if time.monotonic() > deadline:
                raise Broken(f"{len(self.unsigned)} parties cannot sign.")
        return self.facts()

    def hit_sealing(self) -> tuple[str, float]:
        """One kill while the worker seals and mails, if it is not done yet: (what was killed, seconds until served)."""
        time.sleep(self.dice.uniform(0.0, SEALING_LASTS))
        killed = self.target.hit(self.dice.choice(["worker", "supervisor", "everything"]))
        seconds, _started = self.target.recover(killed)
        editions, jobs = (self.facts()[name] for name in ("editions", "jobs"))
        self.say(f"     {killed} killed after completion; serves after {seconds:.1f} s; {editions} {jobs}")
        return killed, seconds

    def await_whole(self) -> dict:
        """Until the edition is sealed and every mail is sent. Returns the facts then."""
        deadline = time.monotonic() + FINISHED_WITHIN
        while True:
            told = self.facts()
            unsent = [mail for mail in told["mails"] if mail[1] in {"queued", "sending"}]
            if not unsent and ["parties", 1, "sealed"] in told["editions"]:
                return told
            if time.monotonic() > deadline:
                raise Broken(f"Not finished: {unsent}, {told['editions']}, {told['jobs']}")
            time.sleep(3)


def run(kills: int, dice: random.Random, say: Callable[[str], None]) -> dict:
    """So many kills while signing and one while sealing. Returns figures; raises Broken."""
    restarts: list[float] = []
    heals: list[float] = []
    victims: Counter[str] = Counter()
    with closing(Target(demo=True)) as target:
        campaign = Campaign(target, max(6, kills * PARTIES_PER_KILL), dice, say)
        say(f"{len(campaign.signers)} parties are asked to sign.")
        for number in range(1, kills + 1):
            left = campaign.unsigned
            size = (
                len(left) if number == kills else -(-len(left) // (kills - number + 1))
            )  # the last round may complete
            killed = campaign.round(dice.sample(left, size), choose(WHILE_SERVING, dice))
            victims[killed] += 1
            seconds, started = target.recover(killed)
            (restarts if started else heals).append(seconds)
            told = campaign.facts()
            say(
                f"{number:3}. {'started again' if started else 'healed'} after {seconds:.1f} s;"
                f" acknowledged {len(campaign.journal.parties)}, in the database {len(told['signatures'])}: {told['status']}"
            )
        told = campaign.sign_rest()
        killed, seconds = campaign.hit_sealing()
        victims[killed] += 1
        (heals if killed == "worker" else restarts).append(seconds)
        told = campaign.await_whole()
        figures = {"status": told["status"]} | after_completion(campaign, told, kills + 1)
        target.stop_clean()
    signers = campaign.signers
    return {
        "kills": sum(victims.values()), "victims": victims, "restarts": restarts, "heals": heals,
        "parties": len(signers), "acknowledged": len(campaign.journal.parties), "present": len(told["signatures"]),
        "kills_with_requests_in_flight": campaign.hit_in_flight,
        "requests_cut_off": sum(signer.cuts for signer in signers),
        "told_to_wait_429": sum(signer.waits for signer in signers),
        "answers_5xx": sum(signer.errors for signer in signers),
        "forms_sent_again": sum(signer.repeats for signer in signers), **figures,
    }  # fmt: skip


def together(signers: list[Signer], **options) -> None:
    """All at once, and wait for them."""
    crowd = [threading.Thread(target=signer.attempt, kwargs=options) for signer in signers]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()


def faults(found: dict, acknowledged: set[int]) -> list[str]:
    """What is wrong at any moment between two acts, in words."""
    told, complaints = found["told"], []
    by_party = Counter(party for party, _reference, _position in told["signatures"])
    signed = {party for party, status, _required, _bound in told["parties"] if status == "signed"}
    if found["verify"]:
        complaints.append(f"manage.py verify: {found['verify']}")
    if lost := acknowledged - set(by_party):
        complaints.append(f"acknowledged and lost: {sorted(lost)}")
    if any(count != 1 for count in by_party.values()):
        complaints.append(f"signed more than once: {by_party}")
    if signed != set(by_party):
        complaints.append(f"half state: signed {sorted(signed)}, signatures {sorted(by_party)}")
    if len({reference for _party, reference, _position in told["signatures"]}) != len(by_party):
        complaints.append("one reference twice")
    if told["chain"]:
        complaints.append(told["chain"])
    if told["persons"] != len(by_party) or told["made"] != [1] * len(by_party):
        complaints.append(f"{len(by_party)} signatures, {told['persons']} personal sides, ledger {told['made']}")
    confirmed = Counter(mail[3] for mail in told["mails"] if mail[0] == CONFIRMATION)
    if confirmed != by_party:
        complaints.append(f"confirmations {confirmed} for {by_party}")
    return [*complaints, *faults_of_completion(told, signed)]


def faults_of_completion(told: dict, signed: set[int]) -> list[str]:
    """Completed exactly when all required parties have signed, and everything of completion or nothing."""
    complete = all(party in signed for party, _status, required, _bound in told["parties"] if required)
    jobs = Counter(kind for kind, _done, _error in told["jobs"])
    bound = all(is_bound for _party, _status, _required, is_bound in told["parties"])
    expected = (1, 1, 1, 1, True) if complete else (0, 0, 0, 0, False)
    have = (told["completions"], told["deadlines"], jobs["protocols.seal"], jobs["protocols.bring_into_force"], bound)
    if (told["status"] == "completed") != complete or have != expected:
        return [f"completion: {told['status']}, {have} instead of {expected}"]
    return []


def after_completion(campaign: Campaign, told: dict, kills: int) -> dict:
    """Every mail arrived at least once, and no more than one twice for each kill. Returns the counts."""
    arrived = Counter(str(message["Message-ID"]) for message in read_all(campaign.target.layout.mail))
    lost = [mail for mail in told["mails"] if mail[1] != "dropped" and not arrived[mail[2]]]
    unsent = [mail for mail in told["mails"] if mail[1] not in {"sent", "dropped"}]
    twice = sum(count - 1 for count in arrived.values())
    if lost or unsent or twice > kills:
        raise Broken(f"mails lost {lost}, not sent {unsent}, {twice} duplicates after {kills} kills")
    if told["editions"] != [["parties", 1, "sealed"]]:
        raise Broken(f"editions: {told['editions']}")
    return {"mails": len(told["mails"]), "mails_that_came_twice": twice}

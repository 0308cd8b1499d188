"""Kills during the first start: each in a home of its own, each followed by a start that must serve."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

from tests.crash.target import WHILE_STARTING, Broken, Target, choose

AGAIN = 0.3  # how often the start after a kill is killed too
AFTER_READY = 2.0  # seconds after the first page in which a late kill falls
SEALED_WITHIN = 480.0  # the lease of a job that died with its worker is five minutes


def run(kills: int, dice: random.Random, say: Callable[[str], None]) -> dict:
    """So many kills. Returns figures; raises Broken."""
    whole, first, second = undisturbed()
    say(f"Undisturbed: first start {first:.1f} s, second start {second:.1f} s; {json.dumps(whole, sort_keys=True)}")
    restarts: list[float] = []
    victims: Counter[str] = Counter()
    slices = list(range(kills))
    dice.shuffle(slices)  # every part of the start is hit: one moment falls into each slice of its length
    done = 0
    while done < kills:
        with closing(Target(demo=True)) as target:
            target.start()
            while True:
                moment = (slices[done] + dice.random()) / kills * first
                kind, phase, after = strike(target, moment, choose(WHILE_STARTING, dice), dice)
                victims[kind] += 1
                done += 1
                say(f"{done:3}. {kind} killed after {after:.1f} s: {phase}")
                if done == kills or dice.random() > AGAIN:
                    break
                end(target, kind)
                target.output.write_bytes(b"")
                target.start()
            seconds, _started = target.recover(kind)
            restarts.append(seconds)
            say(f"     serves after {seconds:.1f} s: {steps_of(target)}")
            inspect(target, whole, patient=done == kills)
            target.stop_clean()
    return {
        "kills": kills,
        "first_start": round(first, 1),
        "second_start": round(second, 1),
        "restarts": restarts,
        "victims": victims,
    }


def undisturbed() -> tuple[dict, float, float]:
    """What an undisturbed first start makes, how long it takes, and how long the second."""
    with closing(Target(demo=True)) as target:
        first = target.launch()
        whole = json.loads(target.run_module("tests.crash.facts", "demo"))["told"]
        target.stop_clean()
        second = target.launch()
        target.stop_clean()
    return whole, first, second


def strike(target: Target, moment: float, kind: str, dice: random.Random) -> tuple[str, str, float]:
    """Wait for the moment, or a little longer than the first page, then kill: (what, during which step, after how long)."""
    began = time.monotonic()
    while time.monotonic() - began < moment:
        if "Stop with Ctrl-C" in target.output.read_text():
            time.sleep(dice.uniform(0, AFTER_READY))
            break
        time.sleep(0.01)
    phase, after = target.phase, time.monotonic() - began
    return target.hit(kind), phase, after


def steps_of(target: Target) -> str:
    """What the last start did, and how long each step took."""
    return "; ".join(
        line.strip() for line in target.output.read_text().splitlines() if " s" in line and "TOTP" not in line
    )


def end(target: Target, kind: str) -> None:
    """Nothing of the supervisor is waited for but its own end: what it left has to be coped with by the next one."""
    assert target.process is not None
    if kind not in {"supervisor", "everything"}:
        target.process.kill()
    target.process.wait()


def inspect(target: Target, whole: dict, *, patient: bool) -> None:
    """The demonstration is whole, the ledger too, no half file lies about. `patient`: until everything is sealed as well."""
    deadline = time.monotonic() + SEALED_WITHIN
    while True:
        found = json.loads(target.run_module("tests.crash.facts", "demo"))
        if not patient or not found["unsealed"]:
            break
        if time.monotonic() > deadline:
            raise Broken(f"{found['unsealed']} editions are still not sealed.")
        time.sleep(5)
    if found["verify"]:
        raise Broken(f"manage.py verify: {found['verify']}")
    if found["told"] != whole:
        raise Broken(f"The demonstration is {found['told']}, not {whole}.")
    target.require_tidy()

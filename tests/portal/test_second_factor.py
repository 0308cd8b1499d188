"""One check of authenticator codes for signing in and for signing (decisions.md, "Signing in and signing")."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction

from portal import clock, notices, second_factor, tenancy
from portal.errors import StateError
from portal.models import OutgoingEmail, SecondFactorProof
from tests.builders import make_user
from tests.totp import code_at, next_code

pytestmark = pytest.mark.django_db
HASH, OTHER = "a" * 64, "b" * 64


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


def words_of(call, *arguments, **options):
    """The message of the refusal."""
    with pytest.raises(ValidationError) as refused:
        call(*arguments, **options)
    return refused.value.messages[0]


def test_proof_is_for_one_text_and_one_use(now):
    """A code proves the second factor for the hash that is signed, once (SIG-who, evidence.md)."""
    user = make_user()
    proof = second_factor.prove(user, next_code(user, now=now), sha256=HASH, now=now)
    assert (proof.method, proof.sha256, proof.made_at, proof.used_at) == ("TOTP", HASH, now, None)
    with pytest.raises(StateError):
        SecondFactorProof.objects.spend(user=user, sha256=OTHER, now=now)
    assert SecondFactorProof.objects.spend(user=user, sha256=HASH, now=now).used_at == now
    with pytest.raises(StateError):
        SecondFactorProof.objects.spend(user=user, sha256=HASH, now=now)


def test_proof_expires(now):
    """Five minutes later the proof is worth nothing."""
    user = make_user()
    second_factor.prove(user, next_code(user, now=now), sha256=HASH, now=now)
    with pytest.raises(StateError):
        SecondFactorProof.objects.spend(user=user, sha256=HASH, now=now + timedelta(minutes=5))


def test_used_code_is_refused_in_words(now):
    """The same code a second time: "wait for the next code" (decisions.md), also as long as its step is still accepted."""
    user = make_user()
    _past, present, following = second_factor.counters(now=now)
    code = code_at(user, following)
    second_factor.use_code(user, code, now=now)
    for later in (0, 29, 59):
        assert "Wait for the next code" in words_of(
            second_factor.prove, user, code, sha256=HASH, now=now + timedelta(seconds=later)
        )
    assert second_factor.prove(user, code_at(user, present), sha256=HASH, now=now)
    assert SecondFactorProof.objects.filter(user=user).count() == 1


def test_only_neighbouring_steps_are_accepted(now):
    """MFA_TOTP_TOLERANCE = 1: one step early or late, no more."""
    user = make_user()
    here = second_factor.counters(now=now)[1]
    for step, accepted in [(-2, False), (-1, True), (0, True), (1, True), (2, False)]:
        if accepted:
            second_factor.use_code(user, code_at(user, here + step), now=now)
        else:
            assert "not right" in words_of(second_factor.use_code, user, code_at(user, here + step), now=now)


def test_spaces_in_a_code_are_read_over(now):
    """Apps show "123 456"."""
    user = make_user()
    code = next_code(user, now=now)
    assert second_factor.use_code(user, f" {code[:3]} {code[3:]}", now=now)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "१२३४५६", "\x00" * 6, "9" * 1_000_000, "\u202e123456"])
def test_hostile_codes_are_refused(code, now):
    """Empty, foreign digits, NUL, a million characters: an error in words, no proof."""
    user = make_user()
    words_of(second_factor.prove, user, code, sha256=HASH, now=now)
    assert not SecondFactorProof.objects.exists()


def test_recovery_code_does_not_sign(now):
    """A recovery code signs in, once, but never signs."""
    user = make_user()
    codes = RecoveryCodes.activate(user).generate_codes()
    assert "only work for signing in" in words_of(second_factor.prove, user, codes[0], sha256=HASH, now=now)
    assert second_factor.use_code_to_sign_in(user, codes[0], now=now).type == Authenticator.Type.RECOVERY_CODES
    words_of(second_factor.use_code_to_sign_in, user, codes[0], now=now)


def test_used_recovery_code_is_mailed(now):
    """Its owner is told, and how many are left: a thief may have found the paper."""
    user = make_user()
    codes = RecoveryCodes.activate(user).generate_codes()
    second_factor.use_code_to_sign_in(user, codes[3], now=now)
    with tenancy.installation(), transaction.atomic():
        mail = OutgoingEmail.objects.get()
        text = notices.render(mail).body
    assert (mail.kind, mail.user, mail.ids) == ("account.recovery_code_used", user, {"left": 9})
    assert "You have 9 codes left." in text
    assert codes[3] not in text


def test_somebody_elses_code_is_wrong(now):
    """The code belongs to the person's own app."""
    user, other = make_user(), make_user()
    assert "not right" in words_of(second_factor.use_code, user, next_code(other, now=now), now=now)


def test_without_an_app(now):
    """Who has no authenticator app is told to set one up."""
    assert "Set up an authenticator app" in words_of(second_factor.use_code, make_user(mfa=False), "123456", now=now)


def test_wrong_codes_are_limited(now):
    """After five wrong codes even the right one must wait; other people are not held up (ASVS 6.3.1)."""
    user, other = make_user(), make_user()
    for _ in range(second_factor.WRONG_CODES):
        words_of(second_factor.use_code, user, "000000", now=now)
    assert "Too many wrong codes" in words_of(second_factor.use_code, user, next_code(user, now=now), now=now)
    assert second_factor.use_code(other, next_code(other, now=now), now=now)


def test_right_codes_are_not_limited(now):
    """Somebody who signs many things is never held up."""
    user = make_user()
    for step in range(3 * second_factor.WRONG_CODES):
        moment = now + timedelta(seconds=30 * step)
        second_factor.use_code(user, next_code(user, now=moment), now=moment)


def test_rolled_back_act_has_used_its_code(now):
    """Counters and used codes are outside the act's transaction: rolling back gives nothing back."""
    user = make_user()
    code = next_code(user, now=now)
    with transaction.atomic():
        second_factor.prove(user, code, sha256=HASH, now=now)
        transaction.set_rollback(True)
    assert not SecondFactorProof.objects.exists()
    assert "Wait for the next code" in words_of(second_factor.prove, user, code, sha256=HASH, now=now)


def test_secret_is_encrypted_at_rest():
    """The stored secret is not the secret (ASVS: TOTP secrets encrypted at rest); the seed of recovery codes neither."""
    user = make_user()
    RecoveryCodes.activate(user)
    for row in Authenticator.objects.filter(user=user):
        stored = row.data.get("secret") or row.data["seed"]
        assert stored.startswith("gAAAA")
        assert len(second_factor.decrypt(stored)) in {32, 80}
        assert second_factor.decrypt(stored) not in str(row.data)


def test_next_code_moves_on(now, time_machine):
    """The tests' own helper never gives a used code, and moves the traveller when three are used."""
    time_machine.move_to(now)
    user = make_user()
    seen = set()
    for _ in range(5):
        code = next_code(user, traveller=time_machine)
        second_factor.use_code(user, code, now=clock.now())
        seen.add(code)
    assert len(seen) == 5
    assert clock.now() > now

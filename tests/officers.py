"""Officers and other people named in the source documents appear nowhere; this finds them without naming them.

Only SHA-256 of normalised names are kept here: as printed, surname first, with initials, with a middle initial and with
a title. Every run of two and of three words of a text is hashed and looked up, so ``first.m.last@`` and ``Last, First``
are found too.
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator

_WORDS = re.compile(r"[^\W\d_]+")
_TAGS = re.compile(r"<[^<>]*>")

CONTROL = "3ea0c6c943aacb2ae8ae89c775b42d5c723e6d9174b08203e33af4c224a12b3c"
"""The hash of an invented name, by which the tests see that names are found at all."""

OFFICERS = frozenset(
    {
        "00de727af49994b33aba7126fe6d99583405d107eea2a274cfcc5aa9f2c9f716",
        "01b392b7d314b501c59b0ea87688c3928d33b5ca8a175e394fe88befad866f99",
        "050e6f9066b16ae34d68ed6d5c6b3c804071258bb32386fb0c5504b90956769f",
        "0d3e6eecb11a3acc69444dc2bf72f56d2f31feb63da5850ca97d1ccd69b8baea",
        "0e56b5d8a1132f776fd6d2925ecd89f9a5841c11bc2ff4a1fb0881010275c8db",
        "11f0b170ddb57dbb65645ddc0f8fbf91b312e35859925760a7582a1ff4ecd5aa",
        "1c5dc9316abcbef1dfde541cb5c18409c62e7b5b2b9ad60f0310744914636e96",
        "1d2f3cfac94977d9437b878606dd30cae16176202d3f285413a3c2b2defb930b",
        "261575e0c9c9a51f70301b4038e9747c122771357572e1d0f3bc97623e996759",
        "26a796291d2bdcb177e99d596bda369e3ea6c6e1f8722979a327c7c65f66a467",
        "2a74cdfac6d8bf625aae528d89e03bed67f5640d0d5fd54da8939798766d688e",
        "2b0b8bbd38e15b5d6badd55435dd7a66ef426cbc84efda0c5bb88ea0e2176e7d",
        "2b1a54b5a3c15a87849ce8b04580927fcff054857f18b5c4724e9515648ea5d5",
        "3483bf224e2c9ec21d76ab2b4f971f1dfe1dc8eef572d839fdbd611ec978963b",
        "351eff0c2337ac7059dc8e500c350bb1d3a14fa83033174b941eec7ea06338cd",
        "37613d4a540b287e80858436b34b5207828e27ce32de46a86ce6fc75f5e47540",
        "386f04d92144020222edf0c382fceb0e7c548aa30c6f9d7fba815eba124e04f0",
        "3a16dabf3e07d90a947d635e9e166f6376e3038fcb11471b3939b232d24c405e",
        "497d32816b1c7df55a90c905357fcafd545178577b05b204bd832eec177c813c",
        "5b81c134be4cc6f317fdff4a673df72b0c998c2a307939a1bc569349768e8b05",
        "5e6c1f37eb1f49e2e3bc146b631dfc3f9eb8562ee1df6206cc5a442f63af536f",
        "5fbc604826ddc9e1d4a1bdb7dbf6d1997d64ba34b6e33e15af8e26c36f72aceb",
        "6165ac365043ccd795c12876d9c8c0d81af23586b7d023b71506b8785b112dfc",
        "644c718a15ec98c8f1500e330836dc070ba9f69f1d85ef3285fa15f7e25893ff",
        "660d971e0718f8140ec12e42ad6dae22bcdae8db5262eaa719159c319b0a2b1b",
        "6ce0e5b1648f33ca6f595d98736f51506667317689f565aaea8ac92eeff819f7",
        "6ec0f6ee18682bc20b025ec26c9e69eddb8febffc6b8fe6dbcd44e6621a05aa6",
        "6f17ce00469549d1aab1f3345669b8261d656985b1ddafe5cc28eec0e35e6491",
        "71a40aa6378ab2051ca3b4fc4d940a26377cc9ef1313403ca8ed0b4338b31d58",
        "766f705d485e1c3123d45acce0ded9c708e102fce0a8a5ffb812ee06d43022a1",
        "789e2718cefc1d1cd36dd8f6e48c434bdaecff1669b1456fd0514bd958f39480",
        "7d5d072fd7758392b7570aa6f152e1ec80bb1f31e3317700f856fccaee01078f",
        "83b20e49cc6130f50c685f1e460de79bf87ed842868fe61b87ba94112d0a6a8b",
        "8b21d9928dda6583384617142869de523dcd22848026f04033f6478d1800a02f",
        "8b3000761588402d6d85680ef7f60cee1c3b833d71a078a2912419414544bf81",
        "909219463c7e922bc50a7f228cb1942f3053256506163c50a5fe62425a369b7b",
        "aa5fedad7d92e1d7b6e9753ec13891f2cb1de100476d8e9039af8b07b48eb3c4",
        "af5dc0962670b9a204810a19e7c6768a1a176d30fa0c086b5baa4ece1b6b2131",
        "b37fea98e3241208a4dbe29198a0bafd7f045ebb31cfbcdb87b7d83c1e15f7fc",
        "bc465c2e3489c15b45ad7aed6b2079b0c36c121afdbff7ced8f41a2cc28c1662",
        "c3264e7fe81513e0f736cb2d65db7508ea6c73402620ada4bd4dae3b7aac4cc7",
        "c56f7bf0fc58df8bfcd8b36ef1c707a7d1d58710e004f7e4d78ee1ca6430567f",
        "c7ee0472624e82347dbb49cddea46a56fe87b883a1ed24b8944a4e8ea297b846",
        "ebb715121e9604b95c2544e835877bb22de4d13c1222350e879cc6c84a63259e",
        "f1960bcf68140aa24920dd220aef9ae66d301d0ed91019a3b694bdad5c42543f",
        "f46cb8f3228447ea84accf896455280c15ebdecd1e15a535725bc7d0723b4af8",
        "f591d31ac37138ea36b42fa709981cbdaeb4ab30b34360e637ba26252ea2fd39",
        "f78cfb0950c914208bd5b0f60a129a67f1c80199ea89ea367bd2783765d6942f",
        "f832beaab8de987cbcc8064cc3ae1ef5da52d4e690d50ba1f66b46614d74f50b",
        "f94466276867215114d64e8a2d53959de7f1fb4b2e7c722eea79c80c127172b4",
        "fe2455a1c1f11638f98fb9f7e85ce6ad3c721fbdca4dfc9e72ae610f6b92cfed",
        "fe4bf370355cc22fae353995086490e0786de672efde5c5d8a888f86208a1241",
    }
)


def normalised(text: str) -> list[str]:
    """Return the words of a text: compatibility form, lower case, letters only."""
    return _WORDS.findall(unicodedata.normalize("NFKC", text).lower())


def runs(words: list[str]) -> Iterator[str]:
    """Yield every run of two and of three words, single spaces between them."""
    for size in (2, 3):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def named(text: str, names: frozenset[str] = OFFICERS) -> list[str]:
    """Return the hashes of ``names`` that occur in ``text``, read as it stands and as HTML without its tags."""
    readings = {text, html.unescape(_TAGS.sub(" ", text))}
    found = {run for reading in readings for run in runs(normalised(reading))}
    return sorted(names.intersection(hashlib.sha256(run.encode()).hexdigest() for run in found))


def assert_no_officers(text: str, where: str = "the text") -> None:
    """Fail if a person named in the source documents is named in ``text`` (a page, a PDF as text, a database dump)."""
    found = named(text)
    assert not found, f"{where} names {len(found)} real person(s) of the source documents: {', '.join(found)}"

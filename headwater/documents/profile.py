"""What a searched collection is like: its languages, and how far vectors can be trusted in each.

An embedder knows some languages and not others, and nothing in a cosine says which. So it is measured
where it will be used: of a sample of passages, the one that shares most words with it should also be
near it as a vector. How many standard deviations nearer than a random passage it is, is the trust.
With MiniLM and some hundred passages it is 2.8 to 5.3 in English, 2.7 to 3.6 in German and Spanish,
1.3 to 1.7 in Chinese, 0.5 to 0.8 in Russian, 0.2 in Arabic (docs/log.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from headwater.core.types import Passage
from headwater.documents.languages import latin_languages, script_language
from headwater.documents.terms import language_of, terms, words
from headwater.documents.vectors import Shelf

SAMPLE_BLOCKS = 3
BLOCK_PASSAGES = 50
FEWEST_OF_A_LANGUAGE = 8
NO_TRUST_DEVIATIONS = 0.7
# Few passages have few that are far away, so full trust asks for less there: (passages, deviations).
FULL_TRUST_DEVIATIONS = ((30, 1.5), (60, 2.0), (150, 2.4))
MUCH = 1.5
FIRST_UNSPACED = 0x0E00
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Profile:
    """Latin languages of a collection, commonest first, and the trust in each that was common enough to measure."""

    passages: int
    vectors: int
    languages: tuple[str, ...] = ()
    trust: Mapping[str, float] = field(default_factory=dict)
    overall: float = 1.0

    def fits(self, passages: int, vectors: int) -> bool:
        """Whether collections of this size are still much the same ones."""
        return all(
            before / MUCH <= now <= before * MUCH
            for before, now in ((self.passages, passages), (self.vectors, vectors))
        )

    def trust_in(self, language: str) -> float:
        """The trust measured in a language, or over all passages where it is rare."""
        return self.trust.get(language, self.overall)


def sample_ids(ids: Ids) -> Ids:
    """Three stretches of passages that follow each other (so that some are related), the same each time."""
    if len(ids) <= SAMPLE_BLOCKS * BLOCK_PASSAGES:
        return ids
    starts = [(2 * block + 1) * len(ids) // (2 * SAMPLE_BLOCKS) - BLOCK_PASSAGES // 2 for block in range(SAMPLE_BLOCKS)]
    return np.concatenate([ids[start : start + BLOCK_PASSAGES] for start in starts])


def languages_of(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Languages in Latin script that at least a tenth of the passages are in, commonest first."""
    counts = Counter(text_language(passage.text) for passage in passages)
    return tuple(
        language
        for language, count in counts.most_common(4)
        if language in latin_languages() and count >= 0.1 * len(passages)
    )


def text_language(text: str) -> str:
    """The language of a text: that of its script when most words are not Latin, else by function words."""
    found = words(text)
    scripts = Counter(_script(word) for word in found)
    script, count = scripts.most_common(1)[0] if scripts else ("", 0)
    return script if script and 2 * count > len(found) else language_of(found)


def _script(word: str) -> str:
    return script_language(word) or ("unspaced" if len(word) <= 2 and ord(word[0]) >= FIRST_UNSPACED else "")


def measure(passages: Sequence[Passage], shelves: Sequence[Shelf]) -> tuple[Mapping[str, float], float]:
    """Return the trust (0..1) by language and over all, from sampled passages of a collection with vectors."""
    known, vectors = gather(shelves, np.array([passage.id for passage in passages], np.int64))
    rows = [place for place, has_vector in enumerate(known) if has_vector]
    texts = [passages[place].text for place in rows]
    languages = [text_language(text) for text in texts]
    found = [frozenset(terms(text)) for text in texts]
    groups: dict[str, list[int]] = {}
    for place, language in enumerate(languages):
        groups.setdefault(language, []).append(place)
    trust = {
        language: _trust([found[place] for place in places], vectors[rows][places])
        for language, places in groups.items()
        if len(places) >= FEWEST_OF_A_LANGUAGE
    }
    return trust, _trust(found, vectors[rows])


def gather(shelves: Sequence[Shelf], ids: Ids) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Which ids have a vector in any shelf, and the vectors; zeros for the others."""
    known = np.zeros(len(ids), np.bool_)
    vectors = np.zeros((len(ids), 0), np.float32)
    for shelf in shelves:
        here, rows = shelf.vectors(ids)
        if rows.shape[1] > vectors.shape[1]:
            vectors = np.zeros((len(ids), rows.shape[1]), np.float32)
            vectors[:] = 0.0
        if here.any():
            vectors[here] = rows[here]
        known |= here
    return known, vectors


def _trust(found: Sequence[frozenset[str]], vectors: npt.NDArray[np.float32]) -> float:
    """How much nearer than others, in standard deviations, the passage with most words in common is."""
    if len(found) < FEWEST_OF_A_LANGUAGE:
        return 1.0
    shared = _words_in_common(found)
    partners = shared.argmax(axis=1)
    cosines = vectors @ vectors.T
    near = cosines[np.arange(len(found)), partners]
    np.fill_diagonal(cosines, np.nan)
    deviations = (near - np.nanmean(cosines, axis=1)) / (np.nanstd(cosines, axis=1) + 1e-6)
    related = shared.max(axis=1) > 0
    if related.sum() < FEWEST_OF_A_LANGUAGE:
        return 1.0
    passages, enough = zip(*FULL_TRUST_DEVIATIONS, strict=True)
    full = float(np.interp(len(found), passages, enough))
    nearness = float(deviations[related].mean())
    return float(np.clip((nearness - NO_TRUST_DEVIATIONS) / (full - NO_TRUST_DEVIATIONS), 0.0, 1.0))


def _words_in_common(found: Sequence[frozenset[str]]) -> npt.NDArray[np.float32]:
    """For each pair of passages the rarity of the words in both, over the length of the second; 0 with itself."""
    number = {term: place for place, term in enumerate(sorted(frozenset().union(*found)))}
    held = np.zeros((len(found), max(len(number), 1)), np.float32)
    for row, one in zip(held, found, strict=True):
        row[[number[term] for term in one]] = 1.0
    rarity = np.log(1 + (len(found) - held.sum(axis=0) + 0.5) / (held.sum(axis=0) + 0.5))
    sizes = held.sum(axis=1)
    common: npt.NDArray[np.float32] = (held * rarity) @ (
        held / (0.25 + 0.75 * sizes / max(sizes.mean(), 1.0))[:, None]
    ).T
    np.fill_diagonal(common, 0.0)
    return common

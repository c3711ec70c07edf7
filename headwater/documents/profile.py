"""What a searched collection is like: its languages, and how far vectors can be trusted in each.

An embedder knows some languages and not others, and nothing in a cosine says which. So it is measured
where it will be used: of a sample of passages, the one that shares most words with it should also be
near it as a vector. How many standard deviations nearer than a random passage it is, is the trust.
With MiniLM and some hundred passages it is 2.8 to 5.3 in English, 2.7 to 3.6 in German and Spanish,
1.3 to 1.7 in Chinese, 0.5 to 0.8 in Russian, 0.2 in Arabic (docs/log.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from headwater.core.types import Passage
from headwater.documents.languages import function_words, latin_languages, script_language
from headwater.documents.terms import language_of, stem_words, words
from headwater.documents.vectors import Shelf
from headwater.storage.matching import Matches

SAMPLE = 40
FEWEST_OF_A_LANGUAGE = 8
NO_TRUST_DEVIATIONS = 0.7
# Few passages have few that are far away, so full trust asks for less there: (passages, deviations).
FULL_TRUST_DEVIATIONS = ((30, 1.5), (60, 2.0), (150, 2.4))
WORDS_COMPARED = 20
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
    """An even sample of ids, the same each time."""
    if len(ids) <= SAMPLE:
        return ids
    return ids[np.linspace(0, len(ids) - 1, SAMPLE).astype(np.int64)]


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


def measure(
    passages: Sequence[Passage],
    shelves: Sequence[Shelf],
    match: Callable[[Sequence[tuple[str, ...]]], Matches],
    size: int,
) -> tuple[Mapping[str, float], float]:
    """Return the trust (0..1) by language and over all, from sampled passages of a collection with vectors."""
    ids = np.array([passage.id for passage in passages], np.int64)
    known, vectors = gather(shelves, ids)
    usable = [place for place, has_vector in enumerate(known) if has_vector]
    if len(usable) < FEWEST_OF_A_LANGUAGE:
        return {}, 1.0
    languages = [text_language(passages[place].text) for place in usable]
    vectors = vectors[usable]
    partners = [_nearest_by_words(passages[place], match) for place in usable]
    partner_known, partner_vectors = gather(shelves, np.array(partners, np.int64))
    groups = {language: [i for i, one in enumerate(languages) if one == language] for language in set(languages)}
    trust = {
        language: _trust(vectors[rows], partner_vectors[rows], partner_known[rows], size)
        for language, rows in groups.items()
        if len(rows) >= FEWEST_OF_A_LANGUAGE
    }
    return trust, _trust(vectors, partner_vectors, partner_known, size)


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


def _nearest_by_words(passage: Passage, match: Callable[[Sequence[tuple[str, ...]]], Matches]) -> int:
    """The id of the other passage with the best BM25 for the words of this one; -1 when none shares any."""
    found = words(passage.text)
    language = language_of(found)
    light = function_words(language)
    stems = dict.fromkeys(stem_words([word for word in found if word not in light], language))
    # Long words first: they are the rare ones, and a few are enough.
    chosen = sorted(stems, key=len, reverse=True)[:WORDS_COMPARED]
    matches = match([(term,) for term in chosen])
    scores = matches.scores.copy()
    scores[matches.ids == passage.id] = 0
    if not len(scores) or scores.max() <= 0:
        return -1
    return int(matches.ids[int(scores.argmax())])


def _trust(
    vectors: npt.NDArray[np.float32], partners: npt.NDArray[np.float32], known: npt.NDArray[np.bool_], size: int
) -> float:
    if known.sum() < FEWEST_OF_A_LANGUAGE:
        return 1.0
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, np.nan)
    means, deviations = np.nanmean(cosines, axis=1), np.nanstd(cosines, axis=1) + 1e-6
    nearness = float((((vectors * partners).sum(axis=1) - means) / deviations)[known].mean())
    passages, enough = zip(*FULL_TRUST_DEVIATIONS, strict=True)
    full = float(np.interp(size, passages, enough))
    return float(np.clip((nearness - NO_TRUST_DEVIATIONS) / (full - NO_TRUST_DEVIATIONS), 0.0, 1.0))

from __future__ import annotations

import pytest

from headwater.documents.languages import function_words, latin_language, latin_languages, script_language
from headwater.documents.profile import text_language

TEXTS = {
    "english": "The bridge was closed because the river had risen above the road.",
    "german": "Die Brücke wurde geschlossen, weil der Fluss über die Straße gestiegen war.",
    "french": "Le pont a été fermé parce que la rivière était montée au-dessus de la route.",
    "spanish": "El puente fue cerrado porque el río había subido por encima de la carretera.",
    "italian": "Il ponte è stato chiuso perché il fiume era salito sopra la strada.",
    "portuguese": "A ponte foi fechada porque o rio tinha subido acima da estrada.",
    "dutch": "De brug werd gesloten omdat de rivier boven de weg was gestegen.",
    "swedish": "Bron stängdes eftersom floden hade stigit över vägen och den var farlig.",
    "finnish": "Silta suljettiin, koska joki oli noussut tien yli ja se oli vaarallinen.",
    "turkish": "Köprü kapatıldı çünkü nehir yolun üzerine çıkmıştı ve bu çok tehlikeli bir şey.",
    "russian": "Мост закрыли, потому что река поднялась выше дороги.",
    "arabic": "تم إغلاق الجسر لأن النهر ارتفع فوق الطريق.",
    "greek": "Η γέφυρα έκλεισε επειδή το ποτάμι είχε ανέβει πάνω από τον δρόμο.",
    "hindi": "पुल बंद कर दिया गया क्योंकि नदी सड़क से ऊपर उठ गई थी।",
    "unspaced": "由于河水涨过了道路，大桥被关闭了。",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_tells_its_language(language: str) -> None:
    assert text_language(TEXTS[language]) == language


def test_a_word_without_a_sign_is_english_or_what_is_searched() -> None:
    assert latin_language(["invoice"]) == "english"
    assert latin_language(["rechnung"], likely=("german",)) == "german"
    assert latin_language(["the", "rechnung", "of", "the", "firm"], likely=("german",)) == "english"


def test_scripts_decide_alone() -> None:
    assert [script_language(word) for word in ("река", "نهر", "river", "été", "河")] == [
        "russian",
        "arabic",
        None,
        None,
        None,
    ]


def test_every_language_has_a_stemmer() -> None:
    import snowballstemmer

    assert latin_languages() <= set(snowballstemmer.algorithms())
    assert all(function_words(language) for language in latin_languages())
    assert function_words("klingon") == frozenset()

"""The same questions in many languages: the right sentence is quoted, what is not there is refused."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from headwater.chat.evidence import gather
from headwater.chat.quote import choose
from headwater.core.types import Hit
from tests.chat.conftest import hit


class Told(NamedTuple):
    bridge: str
    library: str
    built: str
    closes: str


LANGUAGES = {
    "de": Told(
        "Die alte Steinbrücke über die Elster wurde 1745 von Johann Krahn gebaut. Sie hat sieben Bögen.",
        "Die Bibliothek öffnet um neun Uhr. Sonntags bleibt sie geschlossen. Jeder Leser darf zwölf Bücher leihen.",
        "In welchem Jahr wurde die Steinbrücke über die Elster gebaut?",
        "Wann bleibt die Bibliothek geschlossen?",
    ),
    "es": Told(
        "El viejo puente de piedra sobre el Elster fue construido en 1745 por Johann Krahn. Tiene siete arcos.",
        "La biblioteca abre a las nueve. Los domingos permanece cerrada. Cada lector puede llevarse doce libros.",
        "¿En qué año fue construido el puente de piedra sobre el Elster?",
        "¿Cuándo permanece cerrada la biblioteca?",
    ),
    "fr": Told(
        "Le vieux pont de pierre sur l'Elster a été construit en 1745 par Johann Krahn. Il a sept arches.",
        "La bibliothèque ouvre à neuf heures. Elle reste fermée le dimanche. Chaque lecteur emprunte douze livres.",
        "En quelle année le pont de pierre sur l'Elster a-t-il été construit ?",
        "Quand la bibliothèque reste-t-elle fermée ?",
    ),
    "tr": Told(
        "Elster üzerindeki eski taş köprü 1745 yılında Johann Krahn tarafından inşa edildi. Yedi kemeri vardır.",
        "Kütüphane saat dokuzda açılır. Pazar günleri kütüphane kapalıdır. Her okur on iki kitap ödünç alabilir.",
        "Elster üzerindeki taş köprü hangi yılda inşa edildi?",
        "Kütüphane ne zaman kapalıdır?",
    ),
    "ro": Told(
        "Vechiul pod de piatră peste Elster a fost construit în 1745 de Johann Krahn. Are șapte arce.",
        "Biblioteca se deschide la ora nouă. Duminica biblioteca rămâne închisă. Fiecare cititor împrumută cărți.",
        "În ce an a fost construit podul de piatră peste Elster?",
        "Când rămâne închisă biblioteca?",
    ),
    "ru": Told(
        "Старый каменный мост через Эльстер построил в 1745 году Иоганн Кран. У него семь арок.",
        "Библиотека открывается в девять часов. По воскресеньям библиотека закрыта. Читатель берёт двенадцать книг.",
        "В каком году построили каменный мост через Эльстер?",
        "Когда библиотека закрыта?",
    ),
    "el": Told(
        "Η παλιά πέτρινη γέφυρα πάνω από τον Έλστερ χτίστηκε το 1745 από τον Γιόχαν Κραν. Έχει επτά καμάρες.",
        "Η βιβλιοθήκη ανοίγει στις εννέα. Τις Κυριακές η βιβλιοθήκη μένει κλειστή. Ο αναγνώστης δανείζεται βιβλία.",
        "Ποιο έτος χτίστηκε η πέτρινη γέφυρα πάνω από τον Έλστερ;",
        "Πότε μένει κλειστή η βιβλιοθήκη;",
    ),
    "hi": Told(
        "एल्स्टर पर पुराना पत्थर का पुल 1745 में जोहान क्रान ने बनाया था। इसमें सात मेहराब हैं।",
        "पुस्तकालय नौ बजे खुलता है। रविवार को पुस्तकालय बंद रहता है। हर पाठक बारह किताबें ले सकता है।",
        "एल्स्टर पर पत्थर का पुल किस वर्ष बनाया गया था?",
        "पुस्तकालय कब बंद रहता है?",
    ),
    "ar": Told(
        "بنى يوهان كران الجسر الحجري القديم فوق نهر إلستر عام 1745. للجسر سبعة أقواس.",
        "تفتح المكتبة في الساعة التاسعة. تبقى المكتبة مغلقة أيام الأحد. يستعير كل قارئ اثني عشر كتابا.",
        "في أي عام بنى يوهان كران الجسر الحجري فوق نهر إلستر؟",
        "متى تبقى المكتبة مغلقة؟",
    ),
    "zh": Told(
        "埃尔斯特河上的古老石桥由约翰·克兰于1745年建造。它有七个拱。",
        "图书馆九点开门。星期日图书馆关闭。每位读者可以借十二本书。",
        "埃尔斯特河上的石桥是哪一年建造的？",
        "图书馆什么时候关闭？",
    ),
    "th": Told(
        "สะพานหินเก่าข้ามแม่น้ำเอลสเตอร์สร้างในปี 1745 โดยโยฮัน คราน สะพานมีเจ็ดโค้ง",
        "ห้องสมุดเปิดเวลาเก้าโมง ห้องสมุดปิดวันอาทิตย์ ผู้อ่านแต่ละคนยืมหนังสือได้สิบสองเล่ม",
        "สะพานหินข้ามแม่น้ำเอลสเตอร์สร้างในปีใด",
        "ห้องสมุดปิดวันใด",
    ),
    "vi": Told(
        "Cây cầu đá cũ bắc qua sông Elster được Johann Krahn xây dựng năm 1745. Cầu có bảy vòm.",
        "Thư viện mở cửa lúc chín giờ. Thư viện đóng cửa vào chủ nhật. Mỗi bạn đọc được mượn mười hai cuốn sách.",
        "Cây cầu đá bắc qua sông Elster được xây dựng năm nào?",
        "Khi nào thư viện đóng cửa?",
    ),
}
SUNDAY = {
    "de": "Sonntags", "es": "domingos", "fr": "dimanche", "tr": "Pazar", "ro": "Duminica", "ru": "воскресеньям",
    "el": "Κυριακές", "hi": "रविवार", "ar": "الأحد", "zh": "星期日", "th": "อาทิตย์", "vi": "chủ nhật",
}  # fmt: skip


def hits(told: Told, first: float) -> list[Hit]:
    return [hit(1, told.bridge, first), hit(2, told.library, 1 - first)]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_right_sentence_is_quoted(code: str) -> None:
    told = LANGUAGES[code]
    built = choose(gather(told.built, hits(told, 0.9)), "words")
    closes = choose(gather(told.closes, hits(told, 0.1)), "words")
    assert "1745" in built.ranked[0].text
    assert SUNDAY[code] in " ".join(candidate.text for candidate in closes.quoted)
    assert built.answered
    assert closes.answered


@pytest.mark.parametrize("code", LANGUAGES)
def test_another_text_does_not_answer(code: str) -> None:
    told = LANGUAGES[code]
    assert not choose(gather(told.built, [hit(2, told.library, 0.05)]), "words").answered

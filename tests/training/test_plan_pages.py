from __future__ import annotations

from headwater.training.planning.pages import LLAMAS, planned_bytes
from headwater.training.planning.parts import Setting

GIB = 2**30


def test_a_seven_billion_llama_takes_its_weights_and_little_more() -> None:
    shape = LLAMAS["7B"][0]
    setting = Setting("cuda", "adamw", 0)
    whole, four = planned_bytes(shape, "none", setting) / GIB, planned_bytes(shape, "4bit", setting) / GIB
    # 6,738,415,616 weights in 16 bits; 6,476,005,376 of them linear, in nf4 with double quantisation.
    assert 6_738_415_616 * 2 / GIB < whole < 16
    assert 3.5 < four < 6

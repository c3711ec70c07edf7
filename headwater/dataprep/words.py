"""Word lists that several steps use: English function words, words that begin a question, coarse words."""

from __future__ import annotations

import codecs


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _words(
    """
    a about above after again against all am an and any are as at be because been before being below between
    both but by can could did do does doing down during each few for from further had has have having he her
    here hers him his how i if in into is it its itself just me more most my myself no nor not now of off on
    once only or other our ours out over own same she should so some such than that the their theirs them then
    there these they this those through to too under until up very was we were what when where which while who
    whom why will with would you your yours yourself
    """
)

QUESTION_WORDS = _words(
    """
    what who whom whose which when where why how is are was were do does did can could will would should shall
    may might has have had am isn't aren't don't doesn't didn't can't couldn't won't wouldn't was wer wen wem
    welche welcher welches wann wo warum wieso weshalb wie ist sind kann können qué quién quiénes cuál cuáles
    cuándo dónde cómo cuánto cuántos por quoi qui que quel quelle quels quelles quand où pourquoi comment
    combien est-ce cosa chi quale quali quando dove perché come quanto что кто какой какая какие когда где
    почему зачем как сколько
    """
)

REQUEST_WORDS = _words(
    """
    write explain describe list give tell name summarise summarize translate create generate compare find show
    calculate compute suggest identify classify rewrite provide make design discuss define outline convert
    answer solve draft propose recommend analyse analyze extract edit complete determine state choose pick
    select please schreibe erkläre beschreibe nenne liste gib übersetze vergleiche finde zeige escribe explica
    describe enumera da traduce compara encuentra écris explique décris cite donne traduis compare trouve
    """
)
# Stored by letter rotation, so that nobody meets the words by opening the source.
_COARSE = """
nffubyr nffubyrf nefrubyr nefrubyrf onfgneq onfgneqf ovgpu ovgpurf ovgpul ohyyfuvg pbpxfhpxre pbpxfhpxref penccl
phag phagf phz phzfubg qvpxurnq qvpxurnqf qvyqb qhzonff snttbg snttbgf sncsnc shpx shpxrq shpxre shpxref shpxvat
shpxf shpxjvg tbqqnza tbqqnzarq wnpxnff wrexbss wvmm zbgureshpxre zbgureshpxref zbgureshpxvat avttre avttref cvff
cvffrq cevpxf chffl cbeab fuvg fuvggl fuvgf fuvgurnq fyhg fyhgf jnaxre jnaxref jubeVat juber jubErf gjng gjngf
fpurvffr fpurvß nefpuybpu svpxra svpxre jvpufre uheraFbua sbgmr
zvreqn chgn phyreb pnoeóa tvyvcbyynf cryyrwb
zreqr chgnva pbaaneq fnybcr rapxyr rahyr
"""
COARSE_WORDS = _words(codecs.decode(_COARSE, "rot13").lower())

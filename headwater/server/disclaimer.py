"""The disclaimer that is shown once to each person, and stands in the docs."""

DISCLAIMER = """\
Headwater answers with language models that run on this machine. Please know before you use it:

- **Answers can be wrong.** Models make things up and sound certain. Answers from your documents carry citations: \
open them and check before you rely on one.
- **Models carry the biases of what they were trained on.** They can be unfair, one-sided or offensive, and nobody \
reviews what they say to you.
- **They are no substitute for a professional.** Do not use answers alone to decide on health, law, money or safety.
- **You are responsible for what you do with them**, for the documents you add, and for keeping to the licence of \
each model.

Your documents and questions stay on this machine. The software comes without warranty, under the Apache License 2.0.
"""

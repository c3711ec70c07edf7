"""`model.base: tiny`: a random two-layer Llama with a byte tokenizer, made in code. For tests and demos."""

from __future__ import annotations

from typing import Any

SPECIAL = ("<pad>", "<bos>", "<eos>")


def tiny_tokenizer() -> Any:
    """Return a fast tokenizer of 256 bytes and three special tokens; any text survives it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {word: number for number, word in enumerate([*SPECIAL, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    make: Any = PreTrainedTokenizerFast  # it has no types
    return make(
        tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", model_max_length=4096
    )


def tiny_config(width: int = 64, layers: int = 2, vocabulary: int = 259) -> Any:
    """Return the configuration of a small Llama."""
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=width * 3,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=False,
    )


def tiny_model(seed: int = 0, scored: bool = False) -> Any:
    """Return the random model, `scored` with a head of one number; the same seed gives the same weights."""
    import torch
    from transformers import LlamaForCausalLM, LlamaForSequenceClassification

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if scored:
            config = tiny_config()
            config.num_labels = 1
            make: Any = LlamaForSequenceClassification  # it has no types
            return make(config)
        return LlamaForCausalLM(tiny_config())

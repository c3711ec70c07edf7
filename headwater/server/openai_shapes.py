"""OpenAI's shapes: what /v1 takes and gives, field for field as the official clients have them.

Fields that cannot change an answer here (user, metadata, ...) are taken and have no effect. Fields
that would change it and cannot be honoured are refused by `refuse_unsupported`, never ignored.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from headwater.core.types import AnswerMode
from headwater.server.shapes import CitationOut, In, Out

Stop = str | Annotated[list[str], Field(max_length=16)] | None


class TextPart(BaseModel):
    """A part of a message. Only text is understood; the others are refused by name."""

    model_config = ConfigDict(extra="allow")
    type: str
    text: str | None = None


class ChatMessageIn(In):
    """A message as clients send it back too: with the empty fields that responses carry."""

    role: str
    content: str | list[TextPart] | None = None
    name: str | None = None
    refusal: str | None = None
    annotations: list[Any] | None = None
    audio: Any = None
    function_call: Any = None
    tool_calls: list[Any] | None = None
    tool_call_id: str | None = None


class StreamOptions(In):
    """include_usage: a last chunk with the token counts."""

    include_usage: bool = False
    include_obfuscation: bool = False


class JsonSchema(In):
    """A JSON Schema the reply must match."""

    name: str = "reply"
    description: str | None = None
    schema_: dict[str, Any] = Field(default_factory=dict, alias="schema")
    strict: bool | None = None


class ResponseFormat(In):
    """text, json_object (any JSON object) or json_schema."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class DocumentsOption(In):
    """Our extension: answer from these collections, by id or name. An empty list means all of them."""

    collections: Annotated[list[str], Field(default_factory=list, max_length=1000)]


class Sampling(In):
    """What chat and plain completions have in common."""

    model: str | None = Field(None, description="A name from /v1/models; the default model when not given.")
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    max_tokens: int | None = Field(None, ge=1)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    stop: Stop = None
    n: int | None = None
    logit_bias: dict[str, float] | None = None
    user: str | None = None

    @property
    def streams(self) -> bool:
        """Whether the reply is wanted as it is made."""
        return bool(self.stream)

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with the token counts."""
        return self.stream_options is not None and self.stream_options.include_usage


class ChatRequest(Sampling):
    """POST /v1/chat/completions."""

    messages: Annotated[list[ChatMessageIn], Field(min_length=1)]
    max_completion_tokens: int | None = Field(None, ge=1)
    response_format: ResponseFormat | None = None
    headwater: DocumentsOption | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    tools: list[Any] | None = None
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None
    functions: list[Any] | None = None
    function_call: Any = None
    modalities: list[str] | None = None
    audio: Any = None
    prediction: Any = None
    web_search_options: Any = None
    metadata: dict[str, Any] | None = None
    store: bool | None = None
    service_tier: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None


class CompletionRequest(Sampling):
    """POST /v1/completions: text is continued as it stands, without a chat template."""

    prompt: str | list[str] | list[int] | list[list[int]]
    logprobs: int | None = None
    echo: bool | None = None
    suffix: str | None = None
    best_of: int | None = None


class EmbeddingRequest(In):
    """POST /v1/embeddings."""

    input: str | list[str] | list[int] | list[list[int]]
    model: str | None = None
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, ge=1)
    user: str | None = None


# --- replies ---------------------------------------------------------------------------------


class UsageOut(Out):
    """Token counts."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class DocumentsOut(Out):
    """Our extension: how documents were used."""

    mode: AnswerMode
    citations: list[CitationOut]


class ReplyMessage(Out):
    """The message a model wrote."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class ChatChoice(Out):
    """The one reply."""

    index: int = 0
    message: ReplyMessage
    logprobs: None = None
    finish_reason: Literal["stop", "length"]


class ChatCompletion(Out):
    """The reply to a chat request that does not stream."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: UsageOut | None
    system_fingerprint: None = None
    headwater: DocumentsOut | None = None


class TextChoice(Out):
    """One continued text."""

    index: int
    text: str
    logprobs: None = None
    finish_reason: Literal["stop", "length"] | None


class TextCompletion(Out):
    """The reply to a plain completion."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: list[TextChoice]
    usage: UsageOut | None


class EmbeddingOut(Out):
    """One vector: numbers, or little-endian float32 in base64."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(Out):
    """Token counts of an embedding request."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(Out):
    """The vectors, in the order of the inputs."""

    object: Literal["list"] = "list"
    data: list[EmbeddingOut]
    model: str
    usage: EmbeddingUsage


class ModelCard(Out):
    """A model that requests may name."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelList(Out):
    """The models that requests may name."""

    object: Literal["list"] = "list"
    data: list[ModelCard]

"""From the name of a model to what its engine needs to serve it: the bridge between models and engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.core.errors import BadInput
from headwater.core.settings import Settings

if TYPE_CHECKING:
    from headwater.engines.supervisor import EngineSpec
    from headwater.models.installed import Installed
    from headwater.models.store import ModelStore

ENCODERS_WITHOUT_WEIGHTS = ("hash",)
DEFAULT_CONTEXT = 2048


class ModelSpecs:
    """Describes installed models and configured endpoints to the supervisor."""

    def __init__(self, models: ModelStore, settings: Settings) -> None:
        self._models = models
        self._settings = settings

    def find(self, name: str) -> EngineSpec:
        """What serves `name`. Raises UnknownName, NotFound when it is not pulled, BadInput when no engine can."""
        from headwater.engines.remote import RemoteSpec

        for endpoint in self._settings.endpoints:
            if endpoint.name == name:
                return RemoteSpec(name, endpoint.url, endpoint.model, endpoint.context_tokens, endpoint.key)
        installed = self._models.get(name)
        if installed.manifest.format == "gguf":
            return self._chat(installed)
        if installed.manifest.format == "onnx":
            return self._encoder(installed)
        raise BadInput(
            f"{name!r} is in {installed.manifest.format} form, which no engine of the core loads",
            "Pull a GGUF or ONNX form of it.",
        )

    def _chat(self, installed: Installed) -> EngineSpec:
        from headwater.engines.llama_process import LlamaSpec

        settings = self._settings
        context = min(settings.context_tokens, installed.manifest.context_tokens or DEFAULT_CONTEXT)
        return LlamaSpec(
            name=installed.name,
            path=installed.main_file,
            template=installed.manifest.template or "native",
            context_tokens=context,
            parallel=settings.parallel,
            threads=settings.threads,
            needs_bytes=self._models.plan(installed.name, context, settings.parallel).needs_bytes,
        )

    def _encoder(self, installed: Installed) -> EngineSpec:
        from headwater.engines.encoder_model import EncoderSpec

        return EncoderSpec(
            name=installed.build_name,
            model=installed.main_file,
            tokenizer=installed.file("tokenizer.json"),
            dimensions=installed.manifest.dimensions or 0,
            max_tokens=installed.manifest.context_tokens or 256,
            pairs=installed.manifest.task == "rerank",
            needs_bytes=self._models.plan(installed.name, 0, 1).needs_bytes,
        )

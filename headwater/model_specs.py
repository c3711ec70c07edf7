"""From the name of a model to what its engine needs to serve it: the bridge between models and engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.core.errors import BadInput, HeadwaterError
from headwater.core.settings import Settings

if TYPE_CHECKING:
    from headwater.engines.llama_process import Adapter, LlamaSpec
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
        if installed.manifest.format == "adapter":
            return self._adapted(installed)
        if installed.manifest.format == "onnx":
            return self._encoder(installed)
        raise BadInput(
            f"{name!r} is in {installed.manifest.format} form, which no engine of the core loads",
            "Pull a GGUF or ONNX form of it.",
        )

    def _adapted(self, adapter: Installed) -> EngineSpec:
        from headwater.engines.supervisor import AdaptedSpec

        return AdaptedSpec(adapter.name, self._chat(self._models.get(str(adapter.manifest.base)), adapter.name))

    def _adapters(self, base: str, asked: str | None) -> tuple[Adapter, ...]:
        found: list[Adapter] = []
        for model in self._models.adapters_of(base):
            try:
                found.append(self._adapter(model))
            except HeadwaterError:
                # A damaged adapter is told of to whom asks for it; its base and the others go on without it.
                if model.name == asked:
                    raise
        return tuple(found)

    def _adapter(self, model: Installed) -> Adapter:
        from headwater.engines.llama_process import Adapter
        from headwater.models.adapters import adapter_file, template_of

        path, template = adapter_file(self._models, model), template_of(model.folder, model.manifest.template)
        version = model.manifest.version or str(path.stat().st_mtime_ns)
        return Adapter(model.name, path, template.name, template.jinja, template.stop, version, model.manifest.sampling)

    def _chat(self, installed: Installed, asked_adapter: str | None = None) -> LlamaSpec:
        from headwater.engines.llama_process import LlamaSpec
        from headwater.models.trained import own_template

        settings = self._settings
        adapters = self._adapters(installed.name, asked_adapter)
        jinja, stop = own_template(installed)
        context = min(settings.context_tokens, installed.manifest.context_tokens or DEFAULT_CONTEXT)
        return LlamaSpec(
            name=installed.name,
            path=installed.main_file,
            template=installed.manifest.template or "native",
            jinja=jinja,
            stop=stop,
            version=installed.manifest.version or "",
            sampling=installed.manifest.sampling,
            context_tokens=context,
            parallel=settings.parallel,
            threads=settings.threads,
            adapters=adapters,
            needs_bytes=self._models.plan(installed.name, context, settings.parallel).needs_bytes
            + sum(adapter.path.stat().st_size for adapter in adapters),
        )

    def _encoder(self, installed: Installed) -> EngineSpec:
        from headwater.engines.encoder_model import EncoderSpec

        return EncoderSpec(
            name=installed.build_name,
            model=installed.main_file,
            tokenizer=installed.file("tokenizer.json"),
            dimensions=installed.manifest.dimensions or 0,
            max_tokens=installed.manifest.context_tokens or 256,
            pairs=installed.manifest.task in ("rerank", "reward"),
            needs_bytes=self._models.plan(installed.name, 0, 1).needs_bytes,
        )

"""Configs of other trainers (axolotl, LLaMA-Factory, H2O LLM Studio) as configs of ours; what is left over is named."""

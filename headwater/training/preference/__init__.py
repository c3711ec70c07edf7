"""Learning from compared answers: dpo, kto, orpo and reward."""

"""The command escrgraph."""

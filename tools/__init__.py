"""Programs that make files of this project; none of them is part of the service."""

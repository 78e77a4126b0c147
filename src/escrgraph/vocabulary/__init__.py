"""What things are: kinds, fields, labels, IRIs, dates, languages."""

"""What the notebooks stand on: each module imports only from those before it.

order: study lexicon glyphs reading texts cleaning duplicates segment speech numerals inference
measures counts dispersion keyness collocations terms clusters factors topic_choice topics
datewords calendars dates quantities phrases people actors mechanisms facts
codebook matching reliability frames store records checking validation figures plots plots_words plots_facts plots_frames
changes runner
"""

__version__ = "0.1.0"

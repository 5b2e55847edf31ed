"""What the notebooks stand on: each module imports only from those before it.

order: study lexicon glyphs decoding metadata webpages tables reading exports texts layout furniture cleaning
duplicates segment wordlist speech numerals inference measures counts dispersion contrasts keyness collocations
concordance network keywords discovery terms clusters alignment factors topic_choice topics intrusion crossed
datewords calendars dates quantities bulletins phrases people actors mechanisms facts codebook matching reliability frames coder
store records checking sheets validation figures plots plots_words plots_topics plots_facts plots_frames
workbook formats handover passages pages explorer_widgets explorer
extracts evidence report_page report changes runner
"""

__version__ = "0.1.0"

"""What the notebooks stand on: each module imports only from those before it.

order: study collector recipes workers progress publishing parts trie lexicon glyphs decoding metadata webpages tables
reading exports files texts layout furniture surroundings headlines joins sentences cleaning sketches duplicates
viterbi segment wordlist anchors speech numerals inference newsrooms measures counts dispersion contrasts keyness
collocations concordance network keywords discovery terms embedding clusters alignment factors coherence recurrence
topic_choice prevalence lda topics topic_tables intrusion crossed datewords lunar calendars dates dictionary reach
phrases counted quantities notices bulletins names forms signs people bylines actors mechanisms facts codebook
matching reliability comparing frames learned topic_groups coder clauses roles axis steps shelf intake store
partitions stream timeline amounts voices records checking workbook sheets learning validation robustness captions
styles folding fitting outputs figures plots plots_words plots_topics topic_map plots_facts plots_systems plots_frames
plots_contrasts plots_roles formats handover passages pages explorer_widgets explorer extracts evidence report_page
static_page notebook_pages findings report moves changes changes_page journal console kernels watching runner __main__
"""

__version__ = "0.1.0"

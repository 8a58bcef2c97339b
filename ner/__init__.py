"""What stages, command line and service share. A module imports modules that stand before it here, and none after it.

    files and parameters   artifact, damage, params
    sentences and tags     sentence, tagscheme, normalisation, tokenizer, text
    data                   corpus/, vocabulary, embedding/
    features and scores    encoding, encoder_files, decoding, metrics
    an exported tagger     exported, tagger, release, learnt, card
    training               language_model, model/, silver
    checks before a stage  validation, stage
    results                predictions, outcomes, token_scores, lookup_tagger, bootstrap, novelty, breakdown,
                           calibration, report, error_page, references, comparison, pictures
    what people call       readme, summary, experiments, store, documents, display, column_scores, service/, cli,
                           doctor/

Nothing is imported here, so any module loads alone.
"""

"""From corpora to taggers, in rooms. A module imports from its own room and from those that stand before it here.

    core/          sentences, tag schemes, entity F1, decoding; params.yaml; files and their sources
    text/          sentences and tokens of raw text, by rule
    corpora/       published corpora: download, readers, mentions, partition, statistics
    encoders/      pretrained encoders: files, pieces of words, windows, network
    features/      what a network reads: vocabulary, encoding, vectors and clusters that a tagger carries
    embeddings/    word vectors and clusters: published ones read, others trained on text
    model/         networks in Keras: parameters, architectures, CRF, checkpoints, tagging
    training/      their training: epochs, optimizer, resuming, transfer
    distillation/  learning from unlabelled text: teachers and students
    evaluation/    scores of predictions: matching, report, calibration, bootstrap, baseline, error page
    tagger/        the exported tagger: files, tagging, ONNX export, compression, model card
    reports/       results of all runs: comparison, pictures, references, tables of README
    service/       tagging over HTTP
    cli/           the command line `ner`
    pipeline/      what stages share and none depends on: their command line, the check of params.yaml
    doctor/        checks of the machine, params.yaml, sources and remotes

A stage of dvc.yaml depends on the rooms that it reaches. Nothing is imported here, so any module loads alone.
"""

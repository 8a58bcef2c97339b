# Taggers behind HTTP: Python, what requirements/serve.txt locks, ner/, and a folder of taggers. docs/deployment.md says more.

FROM python:3.12-slim-bookworm AS build

COPY requirements/serve.txt /build/
RUN python -m venv --without-pip /venv \
    && python -m pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --no-deps --require-hashes -r /build/serve.txt

# Compiled here, since nothing can be written where it runs.
COPY ner /app/ner
RUN /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /app

# The folder that holds taggers, each in a folder named after it: released or taggers; .dockerignore lets no other through.
ARG TAGGERS=released
COPY ${TAGGERS} /taggers
RUN chmod -R a+rX /app /taggers


FROM python:3.12-slim-bookworm

COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=build /taggers /taggers

# ONNX Runtime would report to its makers what it runs.
ENV PATH=/venv/bin:$PATH \
    ORT_DISABLE_TELEMETRY=1 \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# Where `--model NAME` finds taggers/NAME; nobody's user, who may write nothing.
WORKDIR /
USER 10001:10001
EXPOSE 8080

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8080/health', timeout=4)"]

ENTRYPOINT ["python", "-m", "ner", "serve", "--host", "0.0.0.0", "--port", "8080", "--log-file", ""]
CMD ["--model", "conll2003-crf-distilled"]

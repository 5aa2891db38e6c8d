# One image for every process: `zipped api`, `zipped relay`, `zipped worker`, `zipped migrate`.
FROM python:3.13-slim-trixie

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app

# The locked packages first: they change less often than the code.
COPY requirements/run.txt requirements/run.txt
RUN pip install --require-hashes -r requirements/run.txt

COPY . .
RUN pip install --no-deps --no-build-isolation --editable . && useradd --system --no-create-home zipped

USER zipped
EXPOSE 8000
CMD ["zipped", "api"]

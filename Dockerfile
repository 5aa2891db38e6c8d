# One image for every process: `zipped api`, `zipped relay`, `zipped worker`, `zipped migrate`.

FROM node:24-slim AS pages
ENV NEXT_TELEMETRY_DISABLED=1
WORKDIR /app/web
# The locked packages first: they change less often than the code.
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web .
RUN npm run build

FROM python:3.13-slim-trixie
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN pip install --require-hashes -r requirements/run.txt
COPY LICENSE README.md pyproject.toml ./
COPY alembic alembic
COPY api api
COPY connectors connectors
COPY relay relay
COPY worker worker
COPY zipped zipped
RUN pip install --no-deps --no-build-isolation --editable . && useradd --system --no-create-home zipped
COPY --from=pages /app/web/out web/out

USER zipped
ENV ZIPPED_WEB_DIR=/app/web/out
EXPOSE 8000
CMD ["zipped", "api"]

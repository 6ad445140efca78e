#!/bin/sh
# One image, one word each: web, worker, beat, replies, init, upkeep. Any other words are run as a command.
# A variable NAME_FILE names a file whose first line becomes NAME: secrets stay out of the environment of the engine.
set -eu
cd -- "$(dirname -- "$0")/.."

for variable in $(env | sed -n 's/^\([A-Z_]*\)_FILE=.*/\1/p'); do
    eval "path=\${${variable}_FILE}"
    [ -r "$path" ] || { echo "entrypoint: ${variable}_FILE names $path, which cannot be read" >&2; exit 78; }
    IFS= read -r value < "$path" || [ -n "$value" ] || { echo "entrypoint: $path is empty" >&2; exit 78; }
    export "$variable=$value"
    unset "${variable}_FILE"
done

case "${1:-web}" in
    web)
        exec python -m gunicorn config.wsgi --bind "${WEB_BIND:-0.0.0.0:8000}" --worker-class gthread \
            --workers "${WEB_PROCESSES:-2}" --threads "${WEB_THREADS:-4}" --worker-tmp-dir /dev/shm \
            --max-requests 20000 --max-requests-jitter 2000 --graceful-timeout 20 --timeout 60 \
            --no-control-socket --access-logfile - --error-logfile -
        ;;
    worker)
        # No pool: a worker process does one task after the other, over one connection that it keeps.
        DATABASE_POOL=false exec python -m celery -A config worker --concurrency "${WORKER_PROCESSES:-2}" \
            --loglevel INFO --without-gossip --without-mingle
        ;;
    beat)
        exec python -m celery -A config beat --loglevel INFO --schedule /tmp/beat --pidfile=
        ;;
    replies)
        DATABASE_POOL=false exec python manage.py receive_replies --listen "${REPLY_BIND:-0.0.0.0:2525}"
        ;;
    init)
        python manage.py ensure_roles
        python manage.py migrate --no-input
        python manage.py load_reference
        exec python manage.py catalogue
        ;;
    upkeep)
        # The owner's daily work on the event log: months ahead, and what is old enough ends.
        CAUSEWAY_DATABASE_ROLE=migrator exec python manage.py audit upkeep --every "${UPKEEP_HOURS:-24}"
        ;;
    *)
        exec "$@"
        ;;
esac

-- What is chosen on top of the board. Values travel as an x and hexadecimal digits: a name in telemetry may be
-- any text, and what is empty means everything to the data source.
started_unix_ns BETWEEN $__from * 1000000 AND $__to * 1000000
    AND $__conditionalAll(concat('x', hex(service)) IN (${service:singlequote}), $service)
    AND $__conditionalAll(
        concat('x', hex(resource['deployment.environment.name'])) IN (${environment:singlequote}), $environment)
    AND $__conditionalAll(concat('x', hex(provider)) IN (${provider:singlequote}), $provider)
    AND $__conditionalAll(concat('x', hex(coalesce(model, ''))) IN (${model:singlequote}), $model)
    AND $__conditionalAll(concat('x', hex(operation)) IN (${operation:singlequote}), $operation)

multiIf(
            ${by:singlequote} = 'user', user_id,
            ${by:singlequote} = 'session', session_id,
            ${by:singlequote} = 'agent', agent_id,
            ${by:singlequote} = 'organization', organization_id,
            ${by:singlequote} = 'project', project_id,
            ${by:singlequote} = 'call type', call_type,
            ${by:singlequote} = 'service', service,
            model
        )

select private.adopt_table('organisations', 'clinic.practices', '{
  "id": "practice", "name": "label", "timezone": "zone",
  "event_title_template": "text ''{type} — {patient}''",
  "event_language": "text ''fr''", "default_duration_minutes": "30"
}');
select private.adopt_table('organisation_members', 'clinic.staff', '{
  "id": "staff", "organisation_id": "practice", "user_id": "login", "display_name": "full_name",
  "role": "case job when ''owner'' then ''admin'' when ''dentist'' then ''practitioner'' else ''secretary'' end"
}');
select private.adopt_table('patients', 'clinic.people', '{
  "id": "person", "organisation_id": "practice", "first_name": "coalesce(given, '''')", "last_name": "family"
}');
select private.adopt_table('rdv', 'clinic.visits', '{
  "id": "visit", "organisation_id": "practice", "practitioner_id": "dentist", "patient_id": "person",
  "type": "\"Kind\"", "act": "treatment", "notes": "remarks", "location": "room",
  "starts_at": "begins", "ends_at": "finishes", "status": "state", "source": "made_by", "updated_at": "changed_at"
}');

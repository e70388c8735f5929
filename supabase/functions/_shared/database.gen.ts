
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "public": {
          Tables: {
            "appointment_external_links": {
                  Row: {
                    "created_at": string,"drifted_at": string | null,"epoch": number,"etag": string | null,"external_calendar_id": string | null,"external_event_id": string | null,"id": string,"integration_id": string,"last_error": Json | null,"last_synced_at": string | null,"organisation_id": string,"provider": string,"rdv_id": string,"skip_reason": string | null,"sync_status": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"drifted_at"?: string | null,"epoch"?: number,"etag"?: string | null,"external_calendar_id"?: string | null,"external_event_id"?: string | null,"id"?: string,"integration_id": string,"last_error"?: Json | null,"last_synced_at"?: string | null,"organisation_id": string,"provider": string,"rdv_id": string,"skip_reason"?: string | null,"sync_status"?: string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"drifted_at"?: string | null,"epoch"?: number,"etag"?: string | null,"external_calendar_id"?: string | null,"external_event_id"?: string | null,"id"?: string,"integration_id"?: string,"last_error"?: Json | null,"last_synced_at"?: string | null,"organisation_id"?: string,"provider"?: string,"rdv_id"?: string,"skip_reason"?: string | null,"sync_status"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "appointment_external_links_organisation_id_integration_id_fkey"
      columns: ["organisation_id","integration_id"]
isOneToOne: false
      referencedRelation: "calendar_integrations"
      referencedColumns: ["organisation_id","id"]
    }
                  ]
                },"calendar_feeds": {
                  Row: {
                    "created_at": string,"event_detail": string,"member_id": string,"organisation_id": string,"secret_hash": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"event_detail": string,"member_id": string,"organisation_id": string,"secret_hash": string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"event_detail"?: string,"member_id"?: string,"organisation_id"?: string,"secret_hash"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "calendar_feeds_member_id_fkey"
      columns: ["member_id"]
isOneToOne: false
      referencedRelation: "organisation_members"
      referencedColumns: ["id"]
    }
                  ]
                },"calendar_integrations": {
                  Row: {
                    "account_email": string | null,"account_id": string,"calendar_source_id": string | null,"calendar_source_name": string | null,"calendar_target_id": string | null,"calendar_target_name": string | null,"created_at": string,"disconnected_at": string | null,"event_detail": string | null,"export_enabled": boolean,"export_from": string | null,"id": string,"import_as": string,"import_enabled": boolean,"import_range_default": string,"last_error": Json | null,"last_import_at": string | null,"last_sync_at": string | null,"organisation_id": string,"provider": string,"removing_events_since": string | null,"scope": string,"status": string,"two_way": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_email"?: string | null,"account_id": string,"calendar_source_id"?: string | null,"calendar_source_name"?: string | null,"calendar_target_id"?: string | null,"calendar_target_name"?: string | null,"created_at"?: string,"disconnected_at"?: string | null,"event_detail"?: string | null,"export_enabled"?: boolean,"export_from"?: string | null,"id"?: string,"import_as"?: string,"import_enabled"?: boolean,"import_range_default"?: string,"last_error"?: Json | null,"last_import_at"?: string | null,"last_sync_at"?: string | null,"organisation_id": string,"provider": string,"removing_events_since"?: string | null,"scope"?: string,"status"?: string,"two_way"?: string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "account_email"?: string | null,"account_id"?: string,"calendar_source_id"?: string | null,"calendar_source_name"?: string | null,"calendar_target_id"?: string | null,"calendar_target_name"?: string | null,"created_at"?: string,"disconnected_at"?: string | null,"event_detail"?: string | null,"export_enabled"?: boolean,"export_from"?: string | null,"id"?: string,"import_as"?: string,"import_enabled"?: boolean,"import_range_default"?: string,"last_error"?: Json | null,"last_import_at"?: string | null,"last_sync_at"?: string | null,"organisation_id"?: string,"provider"?: string,"removing_events_since"?: string | null,"scope"?: string,"status"?: string,"two_way"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "calendar_integrations_organisation_id_fkey"
      columns: ["organisation_id"]
isOneToOne: false
      referencedRelation: "organisations"
      referencedColumns: ["id"]
    }
                  ]
                },"external_events": {
                  Row: {
                    "all_day": boolean,"attendees": NonNullable<Json>,"availability": string,"became_rdv_at": string | null,"cassius_appointment_id": string | null,"created_at": string,"description": string | null,"detached_at": string | null,"during": unknown,"end_at": string,"end_day": string | null,"erased_at": string | null,"etag": string | null,"external_calendar_id": string,"external_event_id": string,"html_link": string | null,"id": string,"integration_id": string,"kind": string,"last_synced_at": string,"location": string | null,"organisation_id": string,"own_response": string | null,"provider": string,"series_id": string | null,"start_at": string,"start_day": string | null,"status": string,"summary": string | null,"time_zone": string | null,"timed_before": unknown,"updated_at": string,"updated_at_provider": string | null,"user_id": string,"visibility": string
                  }
                  ComputedFields: never
                  Insert: {
                    "all_day"?: boolean,"attendees"?: NonNullable<Json>,"availability": string,"became_rdv_at"?: string | null,"cassius_appointment_id"?: string | null,"created_at"?: string,"description"?: string | null,"detached_at"?: string | null,"during"?: never,"end_at": string,"end_day"?: string | null,"erased_at"?: string | null,"etag"?: string | null,"external_calendar_id": string,"external_event_id": string,"html_link"?: string | null,"id"?: string,"integration_id": string,"kind": string,"last_synced_at": string,"location"?: string | null,"organisation_id": string,"own_response"?: string | null,"provider": string,"series_id"?: string | null,"start_at": string,"start_day"?: string | null,"status": string,"summary"?: string | null,"time_zone"?: string | null,"timed_before"?: unknown,"updated_at"?: string,"updated_at_provider"?: string | null,"user_id": string,"visibility": string
                  }
                  Update: {
                    "all_day"?: boolean,"attendees"?: NonNullable<Json>,"availability"?: string,"became_rdv_at"?: string | null,"cassius_appointment_id"?: string | null,"created_at"?: string,"description"?: string | null,"detached_at"?: string | null,"during"?: never,"end_at"?: string,"end_day"?: string | null,"erased_at"?: string | null,"etag"?: string | null,"external_calendar_id"?: string,"external_event_id"?: string,"html_link"?: string | null,"id"?: string,"integration_id"?: string,"kind"?: string,"last_synced_at"?: string,"location"?: string | null,"organisation_id"?: string,"own_response"?: string | null,"provider"?: string,"series_id"?: string | null,"start_at"?: string,"start_day"?: string | null,"status"?: string,"summary"?: string | null,"time_zone"?: string | null,"timed_before"?: unknown,"updated_at"?: string,"updated_at_provider"?: string | null,"user_id"?: string,"visibility"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "external_events_organisation_id_integration_id_fkey"
      columns: ["organisation_id","integration_id"]
isOneToOne: false
      referencedRelation: "calendar_integrations"
      referencedColumns: ["organisation_id","id"]
    }
                  ]
                },"organisation_members": {
                  Row: {
                    "color": number,"created_at": string,"display_name": string,"id": string,"initials": string | null,"organisation_id": string,"role": string,"updated_at": string,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "color": number,"created_at"?: string,"display_name": string,"id"?: string,"initials"?: string | null,"organisation_id": string,"role": string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Update: {
                    "color"?: number,"created_at"?: string,"display_name"?: string,"id"?: string,"initials"?: string | null,"organisation_id"?: string,"role"?: string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "organisation_members_organisation_id_fkey"
      columns: ["organisation_id"]
isOneToOne: false
      referencedRelation: "organisations"
      referencedColumns: ["id"]
    }
                  ]
                },"organisations": {
                  Row: {
                    "created_at": string,"default_duration_minutes": number,"event_language": string,"event_title_template": string,"id": string,"name": string,"timezone": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"default_duration_minutes"?: number,"event_language"?: string,"event_title_template"?: string,"id"?: string,"name": string,"timezone"?: string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"default_duration_minutes"?: number,"event_language"?: string,"event_title_template"?: string,"id"?: string,"name"?: string,"timezone"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"patients": {
                  Row: {
                    "birth_date": string | null,"created_at": string,"first_name": string,"id": string,"last_name": string,"organisation_id": string,"search_name": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "birth_date"?: string | null,"created_at"?: string,"first_name"?: string,"id"?: string,"last_name": string,"organisation_id": string,"search_name"?: string,"updated_at"?: string
                  }
                  Update: {
                    "birth_date"?: string | null,"created_at"?: string,"first_name"?: string,"id"?: string,"last_name"?: string,"organisation_id"?: string,"search_name"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "patients_organisation_id_fkey"
      columns: ["organisation_id"]
isOneToOne: false
      referencedRelation: "organisations"
      referencedColumns: ["id"]
    }
                  ]
                },"rdv": {
                  Row: {
                    "act": string | null,"created_at": string,"ends_at": string | null,"id": string,"location": string | null,"notes": string | null,"organisation_id": string,"patient_id": string | null,"practitioner_id": string | null,"source": string,"starts_at": string | null,"status": string,"type": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "act"?: string | null,"created_at"?: string,"ends_at"?: string | null,"id"?: string,"location"?: string | null,"notes"?: string | null,"organisation_id": string,"patient_id"?: string | null,"practitioner_id"?: string | null,"source"?: string,"starts_at"?: string | null,"status"?: string,"type"?: string,"updated_at"?: string
                  }
                  Update: {
                    "act"?: string | null,"created_at"?: string,"ends_at"?: string | null,"id"?: string,"location"?: string | null,"notes"?: string | null,"organisation_id"?: string,"patient_id"?: string | null,"practitioner_id"?: string | null,"source"?: string,"starts_at"?: string | null,"status"?: string,"type"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "rdv_organisation_id_fkey"
      columns: ["organisation_id"]
isOneToOne: false
      referencedRelation: "organisations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "rdv_organisation_id_patient_id_fkey"
      columns: ["organisation_id","patient_id"]
isOneToOne: false
      referencedRelation: "patients"
      referencedColumns: ["organisation_id","id"]
    },{
      foreignKeyName: "rdv_organisation_id_practitioner_id_fkey"
      columns: ["organisation_id","practitioner_id"]
isOneToOne: false
      referencedRelation: "organisation_members"
      referencedColumns: ["organisation_id","id"]
    }
                  ]
                },"sync_conflicts": {
                  Row: {
                    "created_at": string,"entity_type": string,"external_id": string | null,"id": string,"integration_id": string,"internal_id": string | null,"organisation_id": string,"payload": NonNullable<Json>,"reason": string,"resolution": string | null,"resolved_at": string | null,"resolved_by": string | null,"source": string,"status": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"entity_type": string,"external_id"?: string | null,"id"?: string,"integration_id": string,"internal_id"?: string | null,"organisation_id": string,"payload"?: NonNullable<Json>,"reason": string,"resolution"?: string | null,"resolved_at"?: string | null,"resolved_by"?: string | null,"source": string,"status"?: string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"entity_type"?: string,"external_id"?: string | null,"id"?: string,"integration_id"?: string,"internal_id"?: string | null,"organisation_id"?: string,"payload"?: NonNullable<Json>,"reason"?: string,"resolution"?: string | null,"resolved_at"?: string | null,"resolved_by"?: string | null,"source"?: string,"status"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "sync_conflicts_organisation_id_integration_id_fkey"
      columns: ["organisation_id","integration_id"]
isOneToOne: false
      referencedRelation: "calendar_integrations"
      referencedColumns: ["organisation_id","id"]
    }
                  ]
                },"sync_run_items": {
                  Row: {
                    "action": string,"created_at": string,"external_calendar_id": string | null,"external_event_id": string | null,"id": number,"organisation_id": string,"rdv_id": string | null,"reason": string | null,"run_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "action": string,"created_at"?: string,"external_calendar_id"?: string | null,"external_event_id"?: string | null,"id"?: never,"organisation_id": string,"rdv_id"?: string | null,"reason"?: string | null,"run_id": string
                  }
                  Update: {
                    "action"?: string,"created_at"?: string,"external_calendar_id"?: string | null,"external_event_id"?: string | null,"id"?: never,"organisation_id"?: string,"rdv_id"?: string | null,"reason"?: string | null,"run_id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"sync_runs": {
                  Row: {
                    "calendar_id": string | null,"cancelled": number,"conflicts": number,"created": number,"created_at": string,"deleted": number,"direction": string,"error": string | null,"events": number,"failed": number,"failures": NonNullable<Json>,"finished_at": string | null,"id": string,"integration_id": string,"mode": string,"organisation_id": string,"pages": number,"skipped": number,"started_at": string,"trigger": string,"undone_at": string | null,"updated": number,"updated_at": string,"window_from": string | null,"window_to": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "calendar_id"?: string | null,"cancelled"?: number,"conflicts"?: number,"created"?: number,"created_at"?: string,"deleted"?: number,"direction": string,"error"?: string | null,"events"?: number,"failed"?: number,"failures"?: NonNullable<Json>,"finished_at"?: string | null,"id"?: string,"integration_id": string,"mode"?: string,"organisation_id": string,"pages"?: number,"skipped"?: number,"started_at": string,"trigger": string,"undone_at"?: string | null,"updated"?: number,"updated_at"?: string,"window_from"?: string | null,"window_to"?: string | null
                  }
                  Update: {
                    "calendar_id"?: string | null,"cancelled"?: number,"conflicts"?: number,"created"?: number,"created_at"?: string,"deleted"?: number,"direction"?: string,"error"?: string | null,"events"?: number,"failed"?: number,"failures"?: NonNullable<Json>,"finished_at"?: string | null,"id"?: string,"integration_id"?: string,"mode"?: string,"organisation_id"?: string,"pages"?: number,"skipped"?: number,"started_at"?: string,"trigger"?: string,"undone_at"?: string | null,"updated"?: number,"updated_at"?: string,"window_from"?: string | null,"window_to"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "sync_runs_organisation_id_integration_id_fkey"
      columns: ["organisation_id","integration_id"]
isOneToOne: false
      referencedRelation: "calendar_integrations"
      referencedColumns: ["organisation_id","id"]
    }
                  ]
                }
          }
          Views: {
            "google_calendar_events": {
                  Row: {
                    "all_day": boolean,"attendees": NonNullable<Json>,"cassius_appointment_id": string | null,"created_at": string,"description": string | null,"end_at": string,"etag": string | null,"google_calendar_id": string,"google_event_id": string,"html_link": string | null,"id": string,"last_synced_at": string,"location": string | null,"organisation_id": string,"start_at": string,"status": string,"summary": string | null,"updated_at": string,"updated_at_google": string | null,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                           "all_day"?: boolean | null,"attendees"?: Json | null,"cassius_appointment_id"?: string | null,"created_at"?: string | null,"description"?: string | null,"end_at"?: string | null,"etag"?: string | null,"google_calendar_id"?: string | null,"google_event_id"?: string | null,"html_link"?: string | null,"id"?: string | null,"last_synced_at"?: string | null,"location"?: string | null,"organisation_id"?: string | null,"start_at"?: string | null,"status"?: string | null,"summary"?: string | null,"updated_at"?: string | null,"updated_at_google"?: string | null,"user_id"?: string | null
                         }
                        Update: {
                           "all_day"?: boolean | null,"attendees"?: Json | null,"cassius_appointment_id"?: string | null,"created_at"?: string | null,"description"?: string | null,"end_at"?: string | null,"etag"?: string | null,"google_calendar_id"?: string | null,"google_event_id"?: string | null,"html_link"?: string | null,"id"?: string | null,"last_synced_at"?: string | null,"location"?: string | null,"organisation_id"?: string | null,"start_at"?: string | null,"status"?: string | null,"summary"?: string | null,"updated_at"?: string | null,"updated_at_google"?: string | null,"user_id"?: string | null
                         }
                        Relationships: [
                    
                  ]
                }
          }
          Functions: {
            "busy_times":
{ Args: { "p_from": string,"p_practitioner": string,"p_until": string }; Returns: Json
                           },
"conflict_read":
{ Args: { "p_id": string,"p_organisation": string,"p_seen"?: string,"p_user": string }; Returns: Json
                           },
"conflict_resolve":
{ Args: { "p_id": string,"p_organisation": string,"p_settlement": Json,"p_user": string }; Returns: Json
                           },
"conflict_undo":
{ Args: { "p_id": string,"p_organisation": string,"p_undoing": Json,"p_user": string }; Returns: Json
                           },
"conflict_undone":
{ Args: { "p_ended": boolean,"p_etag": string,"p_id": string,"p_organisation": string,"p_user": string }; Returns: boolean
                           },
"connect_begin":
{ Args: { "p_browser": boolean,"p_code_verifier": string,"p_organisation": string,"p_provider": string,"p_redirect_to": string,"p_state_hash": string,"p_ttl_seconds": number,"p_user": string }; Returns: Json
                           },
"connect_hold":
{ Args: { "p_code": string,"p_confirm_hash": string,"p_provider": string,"p_state_hash": string,"p_ttl_seconds": number }; Returns: Json
                           },
"connect_redeem":
{ Args: { "p_provider": string,"p_state_hash": string }; Returns: Json
                           },
"connect_redeem_held":
{ Args: { "p_confirm_hash": string,"p_organisation": string,"p_provider": string,"p_user": string }; Returns: Json
                           },
"connect_store":
{ Args: { "p_access_token": string,"p_account_email": string,"p_account_id": string,"p_expires_in": number,"p_organisation": string,"p_provider": string,"p_refresh_token": string,"p_scopes": (string)[],"p_user": string }; Returns: Json
                           },
"credential_renewed":
{ Args: { "p_access_token": string,"p_expected_version": number,"p_expires_in": number,"p_integration": string,"p_refresh_token": string,"p_scopes": (string)[] }; Returns: Json
                           },
"decision_read":
{ Args: { "p_id": string,"p_organisation": string,"p_user": string }; Returns: Json
                           },
"deployment_facts":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"erase_patient":
{ Args: { "p_patient": string }; Returns: Json
                           },
"failed_appointments":
{ Args: { "p_organisation": string }; Returns: Json
                           },
"import_begin":
{ Args: { "p_calendar": string,"p_fingerprint"?: string,"p_from": string,"p_items_limit"?: number,"p_lease_seconds": number,"p_mode": string,"p_organisation": string,"p_provider": string,"p_to": string,"p_user": string,"p_work"?: boolean,"p_worker": string }; Returns: Json
                           },
"import_claim":
{ Args: { "p_joins"?: boolean,"p_lease_seconds": number,"p_max_lanes": number,"p_project_units_per_minute"?: number,"p_provider": string,"p_worker": string }; Returns: Json
                           },
"import_fail":
{ Args: { "p_code": string,"p_cursor_expired": boolean,"p_project"?: boolean,"p_retry_seconds": number,"p_run": string,"p_worker": string }; Returns: Json
                           },
"import_finish":
{ Args: { "p_cursor": string,"p_run": string,"p_unchecked": number,"p_verdicts": Json,"p_worker": string }; Returns: Json
                           },
"import_missing":
{ Args: { "p_run": string,"p_worker": string }; Returns: Json
                           },
"import_notified":
{ Args: { "p_notices": Json,"p_provider": string }; Returns: Json
                           },
"import_nudge":
{ Args: { "p_provider": string }; Returns: Json
                           },
"import_ours":
{ Args: { "p_run": string,"p_worker": string }; Returns: Json
                           },
"import_stage":
{ Args: { "p_cursor"?: string,"p_events": Json,"p_missed"?: Json,"p_page_token": string,"p_pages"?: number,"p_removed": Json,"p_run": string,"p_unreadable"?: Json,"p_worker": string }; Returns: Json
                           },
"import_status":
{ Args: { "p_organisation": string,"p_provider": string,"p_user": string }; Returns: Json
                           },
"import_suspend":
{ Args: { "p_page_token": string,"p_run": string,"p_worker": string }; Returns: Json
                           },
"import_undo":
{ Args: { "p_organisation": string,"p_provider": string,"p_run": string,"p_user": string }; Returns: Json
                           },
"import_watch":
{ Args: { "p_calendar": string,"p_channel": Json,"p_integration": string,"p_refused": boolean }; Returns: Json
                           },
"integration_credential":
{ Args: { "p_integration": string }; Returns: Json
                           },
"integration_disconnect":
{ Args: { "p_organisation": string,"p_provider": string,"p_remove_events": boolean,"p_user": string }; Returns: Json
                           },
"integration_failed":
{ Args: { "p_code": string,"p_integration": string,"p_message": string }; Returns: Json
                           },
"integration_finish_removal":
{ Args: { "p_integration": string }; Returns: Json
                           },
"integration_reconnect_required":
{ Args: { "p_code": string,"p_expected_version": number,"p_integration": string,"p_message": string }; Returns: Json
                           },
"integration_status":
{ Args: { "p_organisation": string,"p_provider": string,"p_user": string }; Returns: Json
                           },
"integration_switch":
{ Args: { "p_action": string,"p_organisation": string,"p_provider": string,"p_user": string }; Returns: Json
                           },
"integration_update":
{ Args: { "p_changes": Json,"p_organisation": string,"p_provider": string,"p_user": string }; Returns: Json
                           },
"make_feed":
{ Args: { "p_event_detail": string,"p_organisation": string }; Returns: string
                           },
"member_connections":
{ Args: { "p_member": string }; Returns: Json
                           },
"nudge_answer":
{ Args: { "p_request": number }; Returns: Json
                           },
"nudge_trial":
{ Args: { "p_function": string,"p_provider": string }; Returns: Json
                           },
"practices_of":
{ Args: { "p_user": string }; Returns: Json
                           },
"read_feed":
{ Args: { "p_secret_hash": string }; Returns: Json
                           },
"remove_member":
{ Args: { "p_member": string,"p_remove_events": boolean }; Returns: Json
                           },
"review_overlap":
{ Args: { "p_conflict": string }; Returns: undefined
                           },
"revocation_claim":
{ Args: { "p_provider": string }; Returns: Json
                           },
"revocation_done":
{ Args: { "p_id": string }; Returns: Json
                           },
"search_appointments":
{ Args: { "p_organisation": string,"p_text": string }; Returns: Json
                           },
"search_patients":
{ Args: { "p_organisation": string,"p_text": string }; Returns: Json
                           },
"sync_claim":
{ Args: { "p_integration": string,"p_joins"?: boolean,"p_lease_seconds": number,"p_max_jobs": number,"p_max_lanes": number,"p_project_units_per_minute"?: number,"p_provider": string,"p_units_per_minute": number,"p_worker": string }; Returns: Json
                           },
"sync_complete":
{ Args: { "p_integration": string,"p_lane": Json,"p_results": Json,"p_worker": string }; Returns: Json
                           },
"sync_explain":
{ Args: { "p_organisation": string,"p_provider": string,"p_rdv": string,"p_user": string }; Returns: Json
                           },
"sync_health":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"sync_mark":
{ Args: { "p_from": string,"p_organisation": string,"p_provider": string,"p_to": string,"p_user": string }; Returns: Json
                           },
"sync_nudge":
{ Args: { "p_provider": string }; Returns: Json
                           },
"sync_reserve":
{ Args: { "p_integration": string,"p_items": Json,"p_worker": string }; Returns: Json
                           },
"sync_retry":
{ Args: { "p_organisation": string,"p_provider": string,"p_rdv_ids": (string)[],"p_user": string }; Returns: Json
                           },
"sync_run_summary":
{ Args: { "p_run": string }; Returns: Json
                           },
"worker_abandon":
{ Args: { "p_workers": (string)[] }; Returns: Json
                           },
"worker_leave":
{ Args: { "p_worker": string }; Returns: Json
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            [_ in never]: never
          }
        }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
  ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R
    }
    ? R
    : never
  : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I
    }
    ? I
    : never
  : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U
    }
    ? U
    : never
  : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
  ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
  ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never

export const Constants = {
  "public": {
          Enums: {
            
          }
        }
} as const

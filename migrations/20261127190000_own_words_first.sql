-- The words of each attendee are stored anew, with the attendee's own before those of a contact who is somebody else.
update attendee_listing set is_stale = true;

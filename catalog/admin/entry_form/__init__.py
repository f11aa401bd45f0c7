"""The form of an entry: nobody's edit is lost when two people have it open."""

"""The knowledge base: dictionary, derivations, vocabulary, guidelines; loaded, checked, served."""
